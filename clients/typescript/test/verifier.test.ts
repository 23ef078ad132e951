// Does a verifier do over real sockets what its parts promise?

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { inspect } from "node:util";
import { Verifier, type VerifierOptions } from "../src/index.ts";
import { AUDIENCE, openTenant } from "./tenant.ts";

async function tenantFor(t: TestContext) {
  const tenant = await openTenant();
  t.after(() => tenant.close());
  const verifier = (options: Partial<VerifierOptions> = {}) => {
    const { issuer, address: connect } = tenant;
    const made = new Verifier({ issuer, audience: AUDIENCE, clientId: "feed", clientSecret: "hunter2", connect, ...options });
    t.after(() => made.close());
    return made;
  };
  return { tenant, verifier };
}

const refusal = (verified: Promise<{ basis: string }>) =>
  verified.then(
    ({ basis }) => basis,
    ({ refusal, status }) => `${refusal} ${status}`,
  );

test("a session that ends is known at once", async (t) => {
  const { tenant, verifier: start } = await tenantFor(t);
  const verifier = start();
  await verifier.live();
  const { token, basis } = await verifier.verify(tenant.token("ses_1"));
  assert.equal(basis, "feed");
  assert.deepEqual(token.scopes, ["orders.read"]);

  tenant.state.sets.push(tenant.ended("ses_1"));
  await verifier.sync();

  assert.equal(await refusal(verifier.verify(tenant.token("ses_1"))), "revoked 401");
  assert.equal(await refusal(verifier.verify(tenant.token("ses_2"))), "feed");
});

test("while it is uncertain the policy decides", async (t) => {
  const { tenant, verifier: start } = await tenantFor(t);
  tenant.state.refusesFeed = true;
  for (const [whenUncertain, active, inactive] of [
    ["introspect", "introspection", "revoked 401"],
    ["deny", "uncertain 503", "uncertain 503"],
    ["allow", "unconfirmed", "unconfirmed"],
  ] as const) {
    const verifier = start({ whenUncertain });
    await assert.rejects(verifier.live(), /4403/);
    tenant.state.introspectsAs = true;
    assert.equal(await refusal(verifier.verify(tenant.token("ses_1"))), active);
    tenant.state.introspectsAs = false;
    assert.equal(await refusal(verifier.verify(tenant.token("ses_1"))), inactive);
    await assert.rejects(verifier.sync());
    assert.equal(verifier.health.stopped, 4403);
  }
});

test("a forged event costs the connection and certainty", async (t) => {
  const { tenant, verifier: start } = await tenantFor(t);
  const verifier = start({ whenUncertain: "deny" });
  await verifier.live();

  tenant.state.sets.push(tenant.ended("ses_1").replace(".", ".e"));
  await assert.rejects(verifier.sync());

  assert.equal(verifier.health.isCertain, false);
  await verifier.live();
  assert.equal(tenant.state.sockets, 2);
});

test("a draining server is left after a random part of the time it names, with a fresh token", { timeout: 30_000 }, async (t) => {
  const { tenant, verifier: start } = await tenantFor(t);
  const verifier = start();
  await verifier.live();
  t.mock.method(Math, "random", () => 1e-9);
  tenant.state.drains.push(600_000);
  await verifier.sync();
  while (tenant.begun.length < 2) await verifier.live().then(() => nextTurn());

  assert.deepEqual(tenant.begun, ["start", "resume"]);
  assert.equal(tenant.state.tokens, 2);
  assert.equal(await refusal(verifier.verify(tenant.token("ses_1"))), "feed");
});

test("made-up key ids do not make it ask", async (t) => {
  const { tenant, verifier: start } = await tenantFor(t);
  const verifier = start();
  const all = Array.from({ length: 5 }, () => refusal(verifier.verify(tenant.token("ses_1", "made-up"))));
  assert.deepEqual(new Set(await Promise.all(all)), new Set(["refused 401"]));
  assert.equal(tenant.state.keySetsRead, 1);
});

test("a tenant that cannot be reached opens nothing", async (t) => {
  const { tenant, verifier: start } = await tenantFor(t);
  for (const whenUncertain of ["introspect", "deny", "allow"] as const) {
    // Nobody listens on port 1.
    const verifier = start({ connect: "127.0.0.1:1", whenUncertain });
    assert.equal(await refusal(verifier.verify(tenant.token("ses_1"))), "fault 503");
  }
});

test("a verifier prints no secret", async (t) => {
  const { tenant, verifier: start } = await tenantFor(t);
  const verifier = start();
  await verifier.live();
  assert.doesNotMatch(inspect(verifier, { depth: null, showHidden: true }), /hunter2|feed-token|Basic/);
  assert.doesNotMatch(JSON.stringify(verifier), /hunter2/);
  assert.equal(await refusal(verifier.verify(tenant.token("ses_1"))), "feed");
});

test("an issuer is a secure origin", () => {
  for (const issuer of ["", "acme.example", "https://acme.example/", "https://acme.example/x", "http://acme.example", "http://localhost.example"]) {
    assert.throws(() => new Verifier({ issuer, audience: AUDIENCE, clientId: "feed", clientSecret: "s" }), TypeError, issuer);
  }
});
