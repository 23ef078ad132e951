// What a check costs: at one subject and at many, written down at once and ahead, and decided in the isolate alone.

import { Stop } from "../scripts/lib/process.mjs";
import { reach } from "../scripts/lib/reach.mjs";
import { adminOf, basic } from "./people.mjs";
import { CONNECTIONS } from "./wrk.mjs";

/** As many subjects as "many" is. */
const KEYS = 500;

/** Never short of anything: every check is an admission. */
const ENDLESS = [{ name: "rate", type: "gcra", period_ms: 1, burst: 1_000_000 }];

/** What is measured, by its policy. */
const POLICIES = [
  { name: "exact", ahead: 0, rules: ENDLESS },
  { name: "ahead", ahead: 16, rules: ENDLESS },
  { name: "leased", lease: { cost: 1_000, ms: 5_000 }, rules: ENDLESS },
  { name: "spent", rules: [{ name: "rate", type: "gcra", period_ms: 86_400_000, burst: 1 }] },
];

/** Cases as in cases.mjs: what the isolate does alone, what stands beside an empty call, and all others, with the three in plain JavaScript. */
export async function limits({ limiters, ours, platform, secret }) {
  const { host, token, ask } = await house(platform, secret);
  const keys = (count) => Array.from({ length: count }, (_, number) => `user:${number}`);
  const check = (name, policy, count, allowed = true) => ({
    name,
    url: ours.url,
    host,
    lines: async () => {
      const authorization = await token(); // one lasts five minutes
      const questions = keys(count).map((subject) => JSON.stringify({ policy, subject }));
      await wake(questions, (question) => ask(authorization, question));
      return [`authorization ${authorization}`, `expect "allowed":${allowed},`, ...questions.map((question) => `request POST /v1/ratelimit/check ${question}`)];
    },
  });
  const plain = (name, kind, count) => ({
    name,
    url: limiters.url,
    host: "limiters.localhost",
    lines: async () => {
      const paths = keys(count).map((subject) => `/${kind}/${subject}`);
      await wake(paths, (path) => fetch(`${limiters.url}${path}`, { method: "POST" }));
      return ['expect "allowed":true,', ...paths.map((path) => `request POST ${path}`)];
    },
  });
  const many = `${KEYS} keys`;
  return {
    alone: [check("check from a lease", "leased", 1), check("check refused from memory", "spent", 1, false)],
    ahead: [check("check, K = 16", "ahead", 1)],
    others: [
      check("check, K = 0", "exact", 1),
      plain("plain: durable", "durable", 1),
      check(`check, K = 0, ${many}`, "exact", KEYS),
      plain(`plain: durable, ${many}`, "durable", KEYS),
      check(`check, K = 16, ${many}`, "ahead", KEYS),
      plain(`plain: in memory, ${many}`, "forgetful", KEYS),
      plain("plain: in memory", "forgetful", 1),
      plain("plain: log", "log", 1),
      plain(`plain: log, ${many}`, "log", KEYS),
    ],
  };
}

/** Does it once for each, some at a time: objects are made, and awake, and nobody who is refused is so for the first time. */
async function wake(items, work) {
  for (let at = 0; at < items.length; at += CONNECTIONS) await Promise.all(items.slice(at, at + CONNECTIONS).map(work));
}

/** A tenant with the policies and a backend; answers its host, how to get a token, and how to ask one question. */
async function house(platform, secret) {
  const admin = await adminOf(platform, secret);
  const { issuer } = await admin("/tenants", { slug: "limits", name: "Limits" });
  for (const policy of POLICIES) await admin("/tenants/limits/policies", policy);
  const client = await admin("/tenants/limits/clients", {
    client_name: "Backend",
    redirect_uris: [],
    response_types: [],
    grant_types: ["client_credentials"],
    scope: "ratelimit",
    token_endpoint_auth_method: "client_secret_basic",
  });
  const post = async (path, headers, body) => {
    const answer = await reach(`${issuer}${path}`, { method: "POST", headers, body });
    if (answer.status !== 200) throw new Stop(`${path} answers ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const token = async () => {
    const form = new URLSearchParams({ grant_type: "client_credentials", scope: "ratelimit" });
    const { access_token } = await post("/oauth/token", { authorization: basic(client.client_id, client.client_secret) }, form);
    return `Bearer ${access_token}`;
  };
  const ask = (authorization, question) => post("/v1/ratelimit/check", { authorization, "content-type": "application/json" }, question);
  return { host: new URL(issuer).host, token, ask };
}
