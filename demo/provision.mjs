// How the tenant, the person and the application come to be: by the admin API.

import { randomBytes } from "node:crypto";
import { say, Stop } from "../scripts/lib/process.mjs";
import { insist } from "../scripts/lib/reach.mjs";

/** Who signs in. */
export const EMAIL = "ada@example.com";

const TENANT = { slug: "acme", name: "Acme", brand_color: "#0f766e" };
const CLIENT_ID = "acme-notes";

/**
 * Makes what is missing, so that it can be run again and again; answers
 * `{ issuer, password, client: { id, secret } }`.
 *
 * Secrets are shown once and kept nowhere: each run sets a new password and
 * makes the application anew.
 */
export async function provision({ server, secret, application }) {
  const admin = await adminOf(server, secret);
  const tenant = await admin("POST", "/tenants", TENANT, { 409: () => admin("PATCH", "/tenants/acme", withoutSlug(TENANT)) });
  say(`tenant acme: ${tenant.issuer}`);
  const password = await person(admin);
  const client = await clientAt(admin, application);
  return { issuer: tenant.issuer, password, client };
}

async function person(admin) {
  const password = randomBytes(12).toString("base64url");
  const user = { email: EMAIL, email_verified: true, name: "Ada Lovelace", given_name: "Ada", family_name: "Lovelace", password };
  await admin("POST", "/tenants/acme/users", user, {
    409: async () => {
      const { items } = await admin("GET", `/tenants/acme/users?email=${encodeURIComponent(EMAIL)}`);
      const known = items.find(({ email }) => email === EMAIL);
      if (!known) throw new Stop(`${EMAIL} is taken at tenant acme and yet not listed`);
      return admin("PATCH", `/tenants/acme/users/${known.sub}`, { password });
    },
  });
  say(`user ${EMAIL}: ready`);
  return password;
}

async function clientAt(admin, application) {
  await admin("DELETE", `/tenants/acme/clients/${CLIENT_ID}`, undefined, { 404: () => null });
  const client = await admin("POST", "/tenants/acme/clients", {
    client_id: CLIENT_ID,
    client_name: "Acme Notes",
    client_uri: application,
    redirect_uris: [`${application}/callback`],
    post_logout_redirect_uris: [`${application}/`],
    grant_types: ["authorization_code", "refresh_token"],
    scope: "openid profile email offline_access",
    token_endpoint_auth_method: "client_secret_basic",
  });
  say(`client ${client.client_id}: ${application}/callback`);
  return { id: client.client_id, secret: client.client_secret };
}

/** Gets an access token of the admin API and answers how to call it with that. */
export async function adminOf(server, secret) {
  const basic = Buffer.from(`bootstrap:${encodeURIComponent(secret)}`).toString("base64");
  const body = new URLSearchParams({ grant_type: "client_credentials", scope: "admin" });
  const { access_token: token } = await ask(`${server}/oauth/token`, { method: "POST", headers: { authorization: `Basic ${basic}` }, body });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return (method, path, document, otherwise = {}) =>
    ask(`${server}/admin/v1${path}`, { method, headers, body: document && JSON.stringify(document) }, otherwise);
}

/** Sends a request; a status in `otherwise` is no error but has its own continuation. */
async function ask(address, init, otherwise = {}) {
  let response;
  try {
    response = await insist(address, init);
  } catch (error) {
    throw new Stop(`${new URL(address).origin} does not answer (${error.cause?.code ?? error.code ?? error.message}): run npm start in another terminal, or say --server`);
  }
  const text = await response.text();
  if (otherwise[response.status]) return otherwise[response.status]();
  if (!response.ok) throw new Stop(`${init.method} ${address} answers ${response.status}: ${text.slice(0, 500)}`);
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new Stop(`${new URL(address).origin} is something else than aero2: say --server`);
  }
}

function withoutSlug({ slug: _, ...rest }) {
  return rest;
}
