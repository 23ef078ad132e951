// What is measured, and beside what.

import { limits } from "./limits.mjs";
import { SESSIONS } from "./people.mjs";

/** Each case: its name, where it goes and, made anew for every run, the lines for load.lua. */
export async function cases(servers) {
  const { floor, ours, who } = servers;
  const nothing = { url: floor.url, host: "floor.localhost" };
  const tenant = { url: ours.url, host: new URL(who.issuer).host };
  const ordinary = await who.clientWith("RS256"); // what a client has that says nothing (OpenID Connect Registration §2)
  const light = await who.clientWith("EdDSA");
  // OAuth alone, without an ID token: the case the aim of a refresh is judged on, since one RSA signature costs
  // more than a durable write and everything around it. The two with an ID token stand beside it.
  const plain = await who.clientWith("EdDSA", "offline_access");
  const client = { ...tenant, authorization: ordinary.authorization };
  const rotating = async ({ tokens }) => (await tokens()).map(({ refresh }) => `rotate /oauth/token ${refresh}`);
  const each = (spell) => Array.from({ length: SESSIONS }, (_, number) => spell(number));
  const { alone, ahead, others } = await limits(servers);
  // A floor stands next to what is measured in shares of it, so that both meet the same machine.
  return [
    { name: "floor: stateless hello", ...nothing, lines: () => ["request GET /hello"] },
    ...alone,
    { name: "client_credentials", ...client, lines: () => ["request POST /oauth/token grant_type=client_credentials"] },
    { name: "discovery", ...tenant, lines: () => ["request GET /.well-known/openid-configuration"] },
    { name: "floor: one object, no write", ...nothing, lines: () => ["request GET /object/one"] },
    ...ahead,
    {
      name: "introspection",
      ...client,
      lines: async () => (await ordinary.tokens()).map(({ access }) => `request POST /oauth/introspect token=${access}`),
    },
    { name: "refresh, OAuth alone", ...client, authorization: plain.authorization, lines: () => rotating(plain) },
    { name: "refresh, EdDSA ID token", ...client, authorization: light.authorization, lines: () => rotating(light) },
    { name: "floor: one object, a write", ...nothing, lines: () => ["request POST /object/one"] },
    { name: "refresh, RS256 ID token", ...client, lines: () => rotating(ordinary) },
    { name: `floor: ${SESSIONS} objects, a write`, ...nothing, lines: () => each((number) => `request POST /object/${number}`) },
    ...others,
  ];
}
