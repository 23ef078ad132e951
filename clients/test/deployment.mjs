// The built Worker on plain workerd, with tenants, people and what they sign in to.

import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { adminOf, basic, grant, REDIRECT_URI, signIn } from "../../bench/people.mjs";
import { local } from "../../scripts/lib/places.mjs";
import { startWorkerd } from "../../scripts/lib/workerd.mjs";

const SCOPE = "openid email offline_access";

/** Starts it on an empty folder, and leaves nothing behind. */
export async function deploy() {
  mkdirSync(local, { recursive: true });
  const data = mkdtempSync(join(local, "clients-"));
  const secret = randomBytes(32).toString("base64url");
  const settings = {
    MASTER_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_SECRET: secret,
    BOOTSTRAP_ADMIN_EMAIL: "admin@localhost",
  };
  const server = await startWorkerd({ variant: "release", port: 0, data, settings });
  const platform = `http://localhost:${server.port}`;
  let tenants = 0;
  let people = 0;
  return { port: server.port, rotate, tenant, end };

  /** Withdraws every key there is: tokens of any kind are refused from here on. */
  async function rotate() {
    const admin = await adminOf(platform, secret);
    await admin("/keys/rotate", { emergency: true });
  }

  /** A tenant of its own with one person. */
  async function tenant() {
    const slug = `t${(tenants += 1)}`;
    const admin = await adminOf(platform, secret);
    const { issuer } = await admin("/tenants", { slug, name: "Acme" });
    const password = randomBytes(18).toString("base64url");
    const { sub } = await admin(`/tenants/${slug}/users`, { email: "ada@example.com", email_verified: true, name: "Ada Lovelace", password });
    const feed = await admin(`/tenants/${slug}/clients`, { client_name: "API", grant_types: ["client_credentials"], scope: "revocations.read" });
    const client = await admin(`/tenants/${slug}/clients`, {
      client_name: "Notes",
      redirect_uris: [REDIRECT_URI],
      grant_types: ["authorization_code", "refresh_token"],
      scope: SCOPE,
      token_endpoint_auth_method: "client_secret_basic",
      skip_consent: true,
    });
    const authorization = basic(client.client_id, client.client_secret);
    return {
      issuer,
      feed,
      /** Signs her in once more; answers the session. */
      async session() {
        const cookie = await signIn(issuer, password, (people += 1));
        const token = async () => (await grant({ issuer, client, authorization, cookie, scope: SCOPE })).access;
        const { sid } = JSON.parse(Buffer.from((await token()).split(".")[1], "base64url"));
        const revoke = async () => (await adminOf(platform, secret))(`/tenants/${slug}/users/${sub}/sessions/${sid}`, undefined, "DELETE");
        return { token, revoke };
      },
    };
  }

  async function end() {
    await server.stop(1_000);
    rmSync(data, { recursive: true, force: true });
  }
}
