// Upload policies in the way of the deployment action: openid-client for the token, putStream of the Graph client.
// In: one JSON argument. Out: one JSON object per step.
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";

import { Client } from "@microsoft/microsoft-graph-client";
import fetch from "node-fetch";
import { Issuer } from "openid-client";

// The action brings its own fetch, which sends streams in chunks.
globalThis.fetch = fetch;

const { origin, tenant, clientId, clientSecret, policies } = JSON.parse(process.argv[2]);
const say = (step) => console.log(JSON.stringify(step));

const issuer = await Issuer.discover(`${origin}/${tenant}/v2.0/.well-known/openid-configuration`);
const signIn = new issuer.Client({ client_id: clientId, client_secret: clientSecret });

// The action names id and secret here as well, so they travel in the header and in the form.
const token = await signIn.grant({
  grant_type: "client_credentials",
  client_id: clientId,
  client_secret: clientSecret,
  scope: "https://graph.microsoft.com/.default",
});

const graph = Client.initWithMiddleware({
  authProvider: { getAccessToken: async () => token.access_token },
  baseUrl: `${origin}/`,
  defaultVersion: "beta",
  customHosts: new Set([new URL(origin).hostname]),
});

for (const [name, path] of policies) {
  const content = Readable.from([await readFile(path)]);
  try {
    await graph.api(`trustFramework/policies/${name}/$value`).putStream(content);
    say({ name, uploaded: true });
  } catch (error) {
    say({ name, statusCode: error.statusCode, code: error.code, message: error.message });
  }
}

const listed = await graph.api("/trustFramework/policies").get();
say({ policies: listed.value.map((policy) => policy.id) });
try {
  await graph.api("/trustFramework/policies/B2C_1A_Nowhere").get();
} catch (error) {
  say({ statusCode: error.statusCode, code: error.code, requestId: Boolean(error.requestId) });
}
