// An OAuth 2.0 server on a free port of 127.0.0.1: one client, everybody who gives a name is a user.
// It knows codes, passwords, client credentials and refresh tokens, and nothing of OpenID Connect.
// Prints its port. Arguments: redirect URIs as JSON, the client secret, and the files of a certificate and its key, if any.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import OAuth2Server from '@node-oauth/oauth2-server';

const { Request, Response } = OAuth2Server;
const [redirectUris, secret, certificate, key] = process.argv.slice(2);
const client = {
  id: 'web', redirectUris: JSON.parse(redirectUris),
  grants: ['authorization_code', 'password', 'client_credentials', 'refresh_token'],
};
const codes = new Map();
const tokens = new Map();
const refreshTokens = new Map();

const model = {
  getClient: async (id, given) => (id === client.id && (given === null || given === secret) ? client : false),
  saveAuthorizationCode: async (code, of, user) => {
    codes.set(code.authorizationCode, { ...code, client: of, user });
    return codes.get(code.authorizationCode);
  },
  getAuthorizationCode: async (code) => codes.get(code),
  revokeAuthorizationCode: async (code) => codes.delete(code.authorizationCode),
  saveToken: async (token, of, user) => {
    const saved = { ...token, client: of, user };
    tokens.set(token.accessToken, saved);
    if (token.refreshToken) refreshTokens.set(token.refreshToken, saved);
    return saved;
  },
  getAccessToken: async (token) => tokens.get(token),
  getRefreshToken: async (token) => refreshTokens.get(token),
  revokeToken: async (token) => refreshTokens.delete(token.refreshToken),
  getUser: async (name, password) => (password === 'any' ? { name } : false),
  getUserFromClient: async () => ({ name: 'service' }),
  validateScope: async (_user, _client, scope) => scope ?? ['any'],
};
const server = new OAuth2Server({ model, allowEmptyState: true, requireClientAuthentication: { authorization_code: true } });

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const fields = (query) => [...query].map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`);
const page = (query) => `<!doctype html><title>Sign in</title><form method="post" action="">${fields(query).join('')}
<input name="login"><button name="allowed" value="true" type="submit">Allow</button>
<button name="allowed" value="false" type="submit">Deny</button></form>`;

// What the user endpoints of several well-known providers answer, by their paths.
const documents = {
  '/user': (name) => ({ id: 583231, login: name, name: `${name} Hub`, email: `${name}@hub.example` }),
  '/user/profile': (name) => ({ user_id: `amzn1.account.${name}`, name: `${name} Zon`, email: `${name}@zon.example` }),
  '/v2/userinfo': (name) => ({ sub: `li-${name}`, given_name: name, family_name: 'In', name: `${name} In`, email: `${name}@in.example` }),
};

async function handle(request) {
  const { pathname, searchParams } = new URL(request.url, 'https://server');
  let body = '';
  for await (const chunk of request) body += chunk;
  const form = Object.fromEntries(new URLSearchParams(body));
  const asked = new Request({ headers: request.headers, method: request.method, query: Object.fromEntries(searchParams), body: form });
  const answer = new Response({ headers: {} });
  if (pathname in documents) {
    const token = await server.authenticate(asked, answer);
    return { status: 200, headers: {}, body: documents[pathname](token.user.name) };
  }
  if (request.method === 'GET') return { status: 200, headers: { 'content-type': 'text/html' }, body: page(searchParams) };
  if ('login' in form) {
    const query = { ...asked.query, ...form };
    const one = new Request({ headers: request.headers, method: 'POST', query, body: form });
    try {
      await server.authorize(one, answer, { authenticateHandler: { handle: () => ({ name: form.login }) } });
    } catch (error) {
      if (!answer.headers.location) throw error; // a refusal that goes back to the client
    }
  } else {
    await server.token(asked, answer);
  }
  return answer;
}

async function serve(request, response) {
  let answer;
  try {
    answer = await handle(request);
  } catch (error) {
    answer = { status: error.code ?? 500, headers: {}, body: { error: error.name, error_description: error.message } };
  }
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(text);
}

const listener = certificate
  ? createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) }, serve)
  : createServer(serve);
listener.listen(0, '127.0.0.1', () => console.log(listener.address().port));
