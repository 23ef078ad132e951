// Does the client get along with a tenant on this machine?
//
// Told by the environment: ISSUER, CONNECT (host:port), CLIENT_ID and
// CLIENT_SECRET of a client with scope `ratelimit`. Ends with 0 when it does.

import assert from "node:assert/strict";
import { limit } from "../src/hono.ts";
import { LimitError, Limiter } from "../src/index.ts";

const { ISSUER: issuer, CONNECT: connect, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env;
// The machine may be busy; how long anything takes is not what is tested.
const deadlineMs = 60_000;
const limiter = new Limiter({ issuer, clientId, clientSecret, connect, deadlineMs });

/** One cell an hour, so that none comes back meanwhile. */
const hourly = (name, burst) => ({ name, version: 1, ahead: 0, rules: [{ name: "burst", type: "gcra", period_ms: 3_600_000, burst }] });
const subject = "user:ada";

const crowd = await Promise.all(Array.from({ length: 256 }, () => limiter.check({ policy: hourly("crowd", 100), subject })));
assert.equal(crowd.filter(({ allowed }) => allowed).length, 100, "exactly as many as there are");
const refused = crowd.find(({ allowed }) => !allowed);
assert.equal(refused.outcome, "refuse");
assert.deepEqual(refused.headers.map(([name]) => name), ["RateLimit-Policy", "RateLimit", "Retry-After"]);
assert.equal((await limiter.check({ policy: hourly("crowd", 100), subject })).isRemembered, true);

const again = { policy: hourly("again", 2), subject, requestId: "order-7" };
for (let count = 0; count < 5; count += 1) assert.equal((await limiter.check(again)).allowed, true);
assert.equal((await limiter.peek({ policy: hourly("again", 2), subject })).rules[0].remaining, 1, "charged once");

const held = { policy: hourly("held", 1), subject };
const first = await limiter.reserve(held, 60_000);
assert.equal(first.verdict.allowed, true);
assert.equal((await limiter.check(held)).allowed, false);
assert.equal(await first.cancel(), "done");
const second = await limiter.reserve(held, 60_000);
assert.equal(second.verdict.allowed, true, "what is cancelled is back");
assert.equal(await second.commit(), "done");
assert.equal((await limiter.check(held)).allowed, false, "what is committed is not");

const batch = await limiter.batch(["bob", "bob", "eve"].map((who) => ({ policy: hourly("batch", 1), subject: who })));
assert.deepEqual(batch.map(({ allowed }) => allowed).sort(), [false, true, true]);

const open = new Limiter({ issuer, clientId, clientSecret, connect, deadlineMs, whenUnavailable: "allow", tell: (error) => assert.fail(error) });
await assert.rejects(open.check({ policy: "nobody-made-this", subject }), (error) => error instanceof LimitError && error.reason === "mistake");
await assert.rejects(new Limiter({ issuer, clientId, clientSecret: "wrong", connect, deadlineMs }).check(held), { reason: "unavailable" });

const context = { header: () => {}, set: () => {}, res: { status: 200 }, executionCtx: { waitUntil: () => {} } };
const gate = limit(limiter, { policy: hourly("gate", 1), subject: () => subject });
assert.equal(await gate(context, async () => {}), undefined);
const response = await gate(context, () => assert.fail("reached"));
assert.equal(response.status, 429);
assert.deepEqual((await response.json())["violated-policies"], ["gate.burst"]);
console.log("good");
