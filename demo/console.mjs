// What the console shows of a deployment in use, for its pictures.

import { randomBytes } from "node:crypto";
import { insist } from "../scripts/lib/reach.mjs";
import { adminOf } from "./provision.mjs";

const EMAIL = "root@example.com";
const POLICY = { name: "api", rules: [{ name: "per-minute", type: "gcra", period_ms: 500, burst: 120 }] };

/** Makes an administrator, a policy and checks of it; answers what to sign in with. */
export async function furnish({ server, secret, issuer }) {
  const admin = await adminOf(server, secret);
  const password = randomBytes(12).toString("base64url");
  await admin("POST", "/tenants/platform/users", { email: EMAIL, name: "Grace Hopper", password, roles: ["admin"] });
  await admin("POST", "/tenants", { slug: "globex", name: "Globex" });
  await admin("POST", "/tenants/acme/policies", POLICY);
  await admin("POST", "/keys/rotate", {});
  const { client_id: id, client_secret } = await admin("POST", "/tenants/acme/clients", {
    client_name: "Acme API",
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    scope: "ratelimit",
  });
  const basic = Buffer.from(`${id}:${encodeURIComponent(client_secret)}`).toString("base64");
  const body = new URLSearchParams({ grant_type: "client_credentials", scope: "ratelimit" });
  const { access_token: token } = await (await insist(`${issuer}/oauth/token`, { method: "POST", headers: { authorization: `Basic ${basic}` }, body })).json();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const check = (subject) => insist(`${issuer}/v1/ratelimit/check`, { method: "POST", headers, body: JSON.stringify({ policy: "api", subject }) });
  return {
    email: EMAIL,
    password,
    /** Uses the policy for as long as it takes. */
    async use(times) {
      for (let round = 0; round < times; round += 1) await check(round % 3 === 0 ? "key:17" : "key:8812").then((answer) => answer.arrayBuffer());
    },
  };
}

/** Signs in and takes the pictures. */
export async function pictures({ chromium, picture, server, furnished: { email, password, use } }) {
  const is = (title) => chromium.until(`document.querySelector('h1')?.textContent === '${title}' && !document.querySelector('[aria-busy=true]')`);
  await chromium.open(`${server}/admin`);
  await is("Console");
  await chromium.click(".card .button");
  await chromium.fill("username", email);
  await chromium.fill("password", password);
  await chromium.click("main button[type=submit]");
  await is("Overview");
  await chromium.until("document.querySelector('.live.live')");
  await picture("console-overview", "light", "dark");
  await chromium.open(`${server}/admin/tenants/acme/sessions`);
  await is("Sessions");
  await picture("console-sessions", "light", "dark");
  await chromium.open(`${server}/admin/keys`);
  await is("Keys");
  await picture("console-keys", "light", "dark");
  await chromium.open(`${server}/admin/tenants/acme/policies/api`);
  await is("api");
  // What was counted is told ten seconds after the first of it, by a later answer.
  await chromium.until("document.querySelector('.live.live')");
  const counted = chromium.until("document.querySelector('.legend:last-child strong').textContent !== '0'");
  let isCounted = false;
  counted.finally(() => (isCounted = true));
  while (!isCounted) await use(20);
  await counted;
  await picture("console-policy", "light", "dark");
}
