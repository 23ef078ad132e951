// Where the benchmark's real tokens come from: one person with many sessions, each by its own sign-in.

import { createHash, randomBytes } from "node:crypto";
import { Stop } from "../scripts/lib/process.mjs";
import { insist, reach } from "../scripts/lib/reach.mjs";

/** Several times as many as there are connections, so that no request waits for another's token; a person has 100 at most. */
export const SESSIONS = 64;

export const EMAIL = "ada@example.com";
/** Where whoever has a grant in a session lands. */
export const REDIRECT_URI = "https://app.example/callback";
const VERIFIER = randomBytes(32).toString("base64url");
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

/** Makes the tenant and the person, and signs her in; answers how to make clients. */
export async function people({ platform, secret }) {
  const admin = await adminOf(platform, secret);
  const { issuer } = await admin("/tenants", { slug: "bench", name: "Bench" });
  const password = randomBytes(18).toString("base64url");
  await admin("/tenants/bench/users", { email: EMAIL, email_verified: true, name: "Ada Lovelace", password });
  const cookies = [];
  for (let number = 0; number < SESSIONS; number += 1) cookies.push(await signIn(issuer, password, number));
  return { issuer, clientWith };

  /** A client whose ID tokens are signed so, if it wants any; answers its credentials and how to get it a fresh grant in every session. */
  async function clientWith(alg, scope = "openid email offline_access") {
    const client = await admin("/tenants/bench/clients", {
      client_name: `Benchmark with ${alg}: ${scope}`,
      redirect_uris: [REDIRECT_URI],
      grant_types: ["authorization_code", "refresh_token", "client_credentials"],
      scope: `${scope} bench:run`,
      token_endpoint_auth_method: "client_secret_basic",
      id_token_signed_response_alg: alg,
      skip_consent: true,
    });
    const authorization = basic(client.client_id, client.client_secret);
    const tokens = async () => {
      const all = [];
      for (const cookie of cookies) all.push(await grant({ issuer, client, authorization, cookie, scope }));
      return all;
    };
    return { authorization, tokens };
  }
}

/** The admin API, for whoever knows the bootstrap client's secret. */
export async function adminOf(platform, secret) {
  const form = { grant_type: "client_credentials", scope: "admin" };
  const { access_token: token } = await post(`${platform}/oauth/token`, form, { authorization: basic("bootstrap", secret) });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return async (path, document, method = "POST") =>
    json(await insist(`${platform}/admin/v1${path}`, { method, headers, body: JSON.stringify(document) }));
}

/** Signs in as a browser would; each time from another address, since an address may not sign in as often as we want to. */
export async function signIn(issuer, password, number) {
  const from = { "cf-connecting-ip": `198.51.100.${number + 1}` };
  const { csrf, cookie } = await csrfOf(await reach(`${issuer}/login`, { headers: from }));
  const answer = await reach(`${issuer}/login`, {
    method: "POST",
    headers: { ...from, origin: issuer, cookie },
    body: new URLSearchParams({ csrf, username: EMAIL, password }),
  });
  if (answer.status !== 303 && answer.status !== 302) throw new Stop(`signing in answers ${answer.status}: ${await answer.text()}`);
  return cookiesOf(answer);
}

/** What proves that a form is sent from the page it is on. */
export async function csrfOf(page) {
  const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1];
  if (!csrf) throw new Stop(`the sign-in page has no form (status ${page.status})`);
  return { csrf, cookie: cookiesOf(page) };
}

/** A new grant in a session, with a refresh token of its own. */
export async function grant({ issuer, client, authorization, cookie, scope }) {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: REDIRECT_URI,
    scope,
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
  });
  const answer = await reach(`${issuer}/oauth/authorize?${query}`, { headers: { cookie } });
  const location = answer.headers.get("location");
  const code = location && new URL(location, issuer).searchParams.get("code");
  if (!code) throw new Stop(`authorizing answers ${answer.status} ${location}: ${await answer.text()}`);
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER };
  const tokens = await post(`${issuer}/oauth/token`, form, { authorization });
  return { access: tokens.access_token, refresh: tokens.refresh_token };
}

/** How a client authenticates. */
export function basic(id, secret) {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`;
}

function cookiesOf(response) {
  return response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
}

async function post(address, form, headers) {
  return json(await reach(address, { method: "POST", headers, body: new URLSearchParams(form) }));
}

async function json(response) {
  const text = await response.text();
  if (!response.ok) throw new Stop(`the server answers ${response.status}: ${text.slice(0, 500)}`);
  return text === "" ? null : JSON.parse(text);
}
