// An OpenID provider on a free port of 127.0.0.1: one user, one client for each way of client authentication.
// Prints its port. Arguments: its clients as JSON, the name under which it publishes itself, an issuer that is another
// than its address, and the files of a certificate and its key.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import Provider from 'oidc-provider';

const clients = JSON.parse(process.argv[2]);
const [host, issuer, certificate, key] = process.argv.slice(3);
const server = certificate
  ? createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) })
  : createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(issuer || `http://${host}:${port}`, {
    clients,
    claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name'], email: ['email'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => false },
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({
        sub: id, name: 'Ada Lovelace', given_name: 'Ada', family_name: 'Lovelace', email: `${id}@idp.example`,
      }),
    }),
  });
  server.on('request', provider.callback());
  console.log(port);
});
