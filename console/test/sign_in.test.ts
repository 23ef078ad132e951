import assert from "node:assert/strict";
import { test } from "node:test";
import { challengeOf } from "../src/lib/encode.ts";
import { SignIn, SignedOut } from "../src/lib/sign_in.ts";
import { browser, ORIGIN, tokens } from "./support.ts";

/** What the server sends a browser back with. */
const back = (lent: ReturnType<typeof browser>, more: Record<string, string>) =>
  new URLSearchParams({ state: lent.went.at(-1)!.searchParams.get("state")!, iss: ORIGIN, ...more });

test("the challenge is that of RFC 7636, appendix B", async () => {
  assert.equal(await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

test("somebody signs in by code and PKCE, and lands where they were", async () => {
  const lent = browser([tokens("a")]);
  const signIn = new SignIn(lent.browser);
  await signIn.leave("/admin/keys", { prompt: "none" });
  const asked = lent.went[0]!;
  assert.equal(asked.pathname, "/oauth/authorize");
  assert.equal(asked.searchParams.get("client_id"), "console");
  assert.equal(asked.searchParams.get("prompt"), "none");
  assert.equal(asked.searchParams.get("redirect_uri"), `${ORIGIN}/admin/callback`);

  assert.deepEqual(await signIn.land(back(lent, { code: "c" })), { is: "in", back: "/admin/keys", waiting: undefined });
  assert.equal(await challengeOf(lent.asked[0]!.code_verifier!), asked.searchParams.get("code_challenge"));
  assert.equal(await signIn.token(), "a");
  assert.equal(lent.kept.size, 0, "no secret outlives the way there and back");
});

test("tokens are nowhere but in memory", async () => {
  const lent = browser([tokens("secret")]);
  const signIn = new SignIn(lent.browser);
  await signIn.leave("/admin");
  await signIn.land(back(lent, { code: "c" }));
  assert.ok(![...lent.kept.values()].some((text) => text.includes("secret")));
  await assert.rejects(new SignIn(lent.browser).token(), SignedOut);
});

test("a link that somebody else made, another issuer, and a link used twice sign nobody in", async () => {
  const lent = browser([]);
  const signIn = new SignIn(lent.browser);
  for (const more of [{ state: "mine", code: "c" }, { iss: "https://evil.example", code: "c" }]) {
    await signIn.leave("/admin");
    const landing = await signIn.land(back(lent, more));
    assert.equal(landing.is, "out");
    assert.equal((await signIn.land(back(lent, { code: "c" }))).is, "out");
  }
  assert.equal(lent.asked.length, 0, "no code was redeemed");
});

test("whoever has to be asked first is shown the way in, without a complaint", async () => {
  const lent = browser([]);
  const signIn = new SignIn(lent.browser);
  await signIn.leave("/admin", { prompt: "none" });
  assert.deepEqual(await signIn.land(back(lent, { error: "login_required" })), { is: "out", back: "/admin", why: undefined });
  await signIn.leave("/admin");
  const refused = await signIn.land(back(lent, { error: "access_denied", error_description: "no" }));
  assert.deepEqual(refused, { is: "out", back: "/admin", why: "no" });
});

test("an act that waits for a fresh sign-in comes back with it", async () => {
  const lent = browser([tokens("a")]);
  const signIn = new SignIn(lent.browser);
  const waiting = { act: "delete-tenant", values: { reason: "it is over" } };
  await signIn.leave("/admin/tenants/acme", { prompt: "login", max_age: "900" }, waiting);
  assert.equal(lent.went[0]!.searchParams.get("max_age"), "900");
  assert.deepEqual(await signIn.land(back(lent, { code: "c" })), { is: "in", back: "/admin/tenants/acme", waiting });
});

test("a token is renewed before it expires, once for all who ask, and never after the session's end", async () => {
  const lent = browser([tokens("a"), tokens("b"), { status: 400, body: { error: "invalid_grant" } }]);
  const signIn = new SignIn(lent.browser);
  let ended = 0;
  signIn.onEnd = () => (ended += 1);
  await signIn.leave("/admin");
  await signIn.land(back(lent, { code: "c" }));
  lent.at += 290_000;
  assert.deepEqual(await Promise.all([signIn.token(), signIn.token()]), ["b", "b"]);
  assert.equal(lent.asked.length, 2);
  assert.equal(lent.asked[1]!.refresh_token, "refresh-of-a");
  signIn.expire();
  await assert.rejects(signIn.token(), SignedOut);
  assert.equal(ended, 1);
});

test("a server that cannot answer ends no session", async () => {
  const lent = browser([tokens("a"), { status: 503, body: {} }, tokens("b")]);
  const signIn = new SignIn(lent.browser);
  await signIn.leave("/admin");
  await signIn.land(back(lent, { code: "c" }));
  signIn.expire();
  await assert.rejects(signIn.token(), /cannot be reached/);
  assert.equal(await signIn.token(), "b");
});
