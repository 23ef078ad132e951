// Does a limiter do what its parts promise?

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { inspect } from "node:util";
import { LimitError, Limiter, refusalOf, type Ask, type Inline } from "../src/index.ts";
import { Memory } from "../src/memory.ts";
import { parseVerdict } from "../src/verdict.ts";
import { ISSUER, openService, reasonOf, verdict, type Reply } from "./service.ts";

const ASK: Ask = { policy: "api", subject: "user:ada" };

/** From here on time passes when the test says so. */
function stopTime(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
  return (ms: number) => t.mock.timers.tick(ms);
}

/** Lets everything happen that waits for nothing but its turn. */
const settle = () => new Promise((done) => setImmediate(done));

test("every answer is read alike", async () => {
  const file = JSON.parse(readFileSync(new URL("../../../vectors/verdicts.json", import.meta.url), "utf8"));
  for (const { name, answer, is } of file.cases) {
    const { limiter, thenTell } = openService();
    thenTell(answer);
    if (!is) {
      assert.equal(await reasonOf(limiter().check(ASK)), "unavailable", name);
      continue;
    }
    const { headers, rules, retryAfterMs, shadowRefused, isRemembered, ...rest } = await limiter().check(ASK);
    const told = {
      ...rest,
      retry_after_ms: retryAfterMs ?? null,
      shadow_refused: shadowRefused,
      rules: rules.map(({ windowMs, resetMs, ...rule }) => ({ ...rule, window_ms: windowMs, reset_ms: resetMs })),
      headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    };
    assert.deepEqual(told, is, name);
    assert.equal(isRemembered, false);
  }
});

test("a question is asked as the service reads it", async () => {
  const { limiter: open, state } = openService();
  const limiter = open({ retry: false });
  await limiter.check({ ...ASK, cost: 3 });
  assert.deepEqual(state.asked.pop(), { verb: "check", body: { policy: "api", subject: "user:ada", cost: 3 } });

  const policy: Inline = { name: "mails", version: 2, ahead: 0, rules: [{ name: "day", type: "quota", limit: 100, window: "day" }] };
  const held = await limiter.reserve({ policy, subject: "user:ada", requestId: "mail-7" }, 30_000);
  const body = { inline: policy, subject: "user:ada", cost: 1, request_id: "mail-7", hold_ms: 30_000 };
  assert.deepEqual(state.asked.pop(), { verb: "reserve", body });
  assert.equal(await held.commit(), "done");
  assert.deepEqual(state.asked.pop(), { verb: "commit", body: { inline_name: "mails", subject: "user:ada", request_id: "mail-7" } });
  assert.equal(await held.cancel(), "unknown", "what is settled is settled once");

  await limiter.peek(ASK);
  assert.equal(state.asked.pop()?.verb, "peek");
  assert.equal((await limiter.batch([ASK, { ...ASK, cost: 2 }])).length, 2);
  assert.deepEqual(state.asked.pop()?.body, {
    checks: [
      { policy: "api", subject: "user:ada", cost: 1 },
      { policy: "api", subject: "user:ada", cost: 2 },
    ],
  });
});

/** Asks for `count` at once; how many were allowed. */
async function atOnce(limiter: Limiter, count: number): Promise<number> {
  const all = Array.from({ length: count }, (_, number) => limiter.check({ policy: "api", subject: `user:${number}` }));
  return (await Promise.all(all)).filter(({ allowed }) => allowed).length;
}

test("many at once get one token and each their own verdict", async () => {
  const { limiter, state } = openService();
  state.left = 100;
  assert.equal(await atOnce(limiter(), 256), 100);
  assert.equal(state.tokensAsked, 1);
  assert.equal(new Set(state.asked.map(({ body }) => body["request_id"])).size, 256);
});

test("a lost answer is asked for again and charged once", async () => {
  const { limiter, then, state } = openService();
  then("break");
  assert.equal((await limiter().check(ASK)).allowed, true);
  assert.equal(state.asked.length, 2);
  assert.deepEqual(state.asked[0], state.asked[1]);
  assert.equal(state.charged.size, 1);
});

test("who asks once is charged once and told of the loss", async () => {
  const { limiter, then, state } = openService();
  then("break");
  assert.equal(await reasonOf(limiter({ retry: false }).check(ASK)), "unavailable");
  assert.equal(state.asked.length, 1);
  assert.equal(state.asked[0]?.body["request_id"], undefined);
});

test("nothing waits beyond the deadline", async (t) => {
  const { limiter: open, then } = openService();
  for (const [options, deadlineMs] of [[{}, 500], [{ deadlineMs: 20 }, 20]] as const) {
    const limiter = open(options);
    await limiter.prepare();
    const pass = stopTime(t);
    then("silence");
    let ended: string | undefined;
    const told = reasonOf(limiter.check(ASK)).then((reason) => (ended = reason));
    await settle();
    pass(deadlineMs - 1);
    await settle();
    assert.equal(ended, undefined);
    pass(1);
    assert.equal(await told, "unavailable");
    t.mock.timers.reset();
    assert.equal((await limiter.check(ASK)).allowed, true);
  }
});

test("a slow token serves the next ones", async (t) => {
  const { limiter: open, state } = openService();
  const pass = stopTime(t);
  const gate = Promise.withResolvers<void>();
  state.tokenGate = gate.promise;
  const limiter = open();
  const told = reasonOf(limiter.check(ASK));
  await settle();
  pass(500);
  assert.equal(await told, "unavailable");
  const next = limiter.check(ASK);
  await settle();
  gate.resolve();
  assert.equal((await next).allowed, true);
  assert.equal(state.tokensAsked, 1);
});

test("a token request that died with its request is not waited for for long", async (t) => {
  const { limiter: open, state } = openService();
  const pass = stopTime(t);
  state.tokenGate = new Promise(() => {});
  const limiter = open();
  const told = reasonOf(limiter.check(ASK));
  await settle();
  pass(1_000);
  assert.equal(await told, "unavailable");
  state.tokenGate = Promise.resolve();
  assert.equal((await limiter.check(ASK)).allowed, true);
  assert.equal(state.tokensAsked, 2);
});

test("a token is kept until shortly before it expires", async (t) => {
  const { limiter: open, state } = openService();
  const pass = stopTime(t);
  const limiter = open();
  await limiter.check(ASK);
  pass(269_000);
  await limiter.check(ASK);
  assert.equal(state.tokensAsked, 1);
  pass(1_000);
  await limiter.check(ASK);
  assert.equal(state.tokensAsked, 2);
});

test("a spent token is replaced once for all", async () => {
  const { limiter: open, state, verbs } = openService();
  const limiter = open();
  await limiter.prepare();
  state.tokensFrom = 1;
  assert.equal(await atOnce(limiter, 50), 50);
  assert.equal(state.tokensAsked, 2);
  verbs();
  state.tokensFrom = Infinity;
  assert.equal(await reasonOf(limiter.check(ASK)), "unavailable");
  assert.deepEqual(verbs(), ["check", "check"]);
  assert.equal(state.tokensAsked, 3);
});

test("a tenant that grants no token is not hammered", async (t) => {
  const { limiter: open, state } = openService();
  const pass = stopTime(t);
  state.tokenStatus = 401;
  const limiter = open();
  for (let count = 0; count < 20; count += 1) assert.equal(await reasonOf(limiter.check(ASK)), "unavailable");
  assert.equal(state.tokensAsked, 1);
  state.tokenStatus = 200;
  pass(1_000);
  assert.equal((await limiter.check(ASK)).allowed, true);
  assert.equal(state.asked.length, 1);
});

test("what cannot be asked passes only where that was said", async (t) => {
  const pass = stopTime(t);
  const cases: Reply[][] = [
    ...[503, 500, 429, 403, 302, 204].map((status): Reply[] => [{ status, body: {} }]),
    [{ status: 200, body: "<html>" }],
    [{ status: 200, body: "x".repeat(300_000) }, { status: 200, body: "x".repeat(300_000) }],
    [{ status: 200, body: { allowed: false, outcome: "unavailable" } }],
    ["break", "break"],
    ["silence"],
  ];
  for (const replies of cases) {
    const { limiter, then, state } = openService();
    then(...replies);
    const told = limiter()
      .check(ASK)
      .catch((error: unknown) => error);
    await settle();
    pass(500);
    const error = await told;
    assert.ok(error instanceof LimitError && error.reason === "unavailable", JSON.stringify(replies));
    const { status, headers } = refusalOf(error);
    const [reply] = replies;
    assert.equal(status, 503);
    const saysWhen = typeof reply === "object" && reply.status !== 200;
    assert.deepEqual(headers[0], ["Retry-After", saysWhen ? "7" : "1"]);

    then(...replies);
    const open = limiter({ whenUnavailable: "allow" }).check(ASK);
    await settle();
    pass(500);
    const { allowed, outcome } = await open;
    assert.deepEqual({ allowed, outcome }, { allowed: true, outcome: "unchecked" });
    assert.equal(state.told.length, 1);
  }
});

test("a wrong question passes nowhere", async () => {
  const { limiter: open, thenTell, verbs } = openService();
  const limiter = open({ whenUnavailable: "allow" });
  const wrong: [Partial<Ask>, string][] = [
    [{ subject: "" }, "subject"],
    [{ subject: "x".repeat(257) }, "subject"],
    [{ subject: "a\r\nb" }, "subject"],
    [{ subject: "\ud800" }, "subject"],
    [{ subject: undefined as unknown as string }, "subject"],
    [{ cost: 0 }, "mistake"],
    [{ cost: 1.5 }, "mistake"],
    [{ cost: Number.NaN }, "mistake"],
    [{ cost: 2 ** 32 }, "mistake"],
    [{ requestId: "" }, "mistake"],
    [{ requestId: "a b" }, "mistake"],
    [{ requestId: "x".repeat(65) }, "mistake"],
  ];
  for (const [part, reason] of wrong) {
    const ask = { ...ASK, ...part };
    assert.equal(await reasonOf(limiter.check(ask)), reason);
    assert.equal(await reasonOf(limiter.reserve(ask, 1_000)), reason);
    assert.equal(await reasonOf(limiter.batch([ASK, ask])), reason);
  }
  assert.equal(await reasonOf(limiter.batch([])), "mistake");
  assert.equal(await reasonOf(limiter.batch(Array.from({ length: 51 }, () => ASK))), "mistake");
  assert.deepEqual(verbs(), []);
  for (const status of [400, 404, 413, 415, 422]) {
    thenTell({ type: "https://aero2.example/problems/unknown-policy", detail: "no\n such" }, status);
    await assert.rejects(limiter.check(ASK), { reason: "mistake", message: `the limit cannot be asked like this: ${status} unknown-policy: no such` });
  }
});

test("a refusal is remembered until its time", async (t) => {
  const { limiter: open, state, verbs } = openService();
  const pass = stopTime(t);
  const limiter = open();
  state.left = 0;
  assert.equal((await limiter.check(ASK)).isRemembered, false);
  state.left = 9;
  pass(600);
  for (let count = 0; count < 100; count += 1) {
    const { allowed, isRemembered, headers } = await limiter.check(ASK);
    assert.deepEqual([allowed, isRemembered, headers.at(-1)], [false, true, ["Retry-After", "1"]]);
    assert.equal((await limiter.reserve(ASK, 1_000)).verdict.allowed, false);
  }
  assert.deepEqual(verbs(), ["check"]);
  // Others are asked about, and so is who may have been charged before.
  assert.equal((await limiter.check({ ...ASK, subject: "user:bob" })).allowed, true);
  assert.equal((await limiter.check({ ...ASK, requestId: "again" })).allowed, true);
  pass(100);
  assert.equal((await limiter.check(ASK)).allowed, true);
});

test("memory is bounded, empties again, and knows costs and versions", () => {
  const at = (ms: number) => ({ wallMs: ms, monoMs: ms });
  const read = (answer: object) => parseVerdict(answer) ?? assert.fail();
  const refused = (waitMs: number) => read({ allowed: false, outcome: "refuse", retry_after_ms: waitMs });
  const memory = new Memory();
  const wait = (ask: Ask, ms: number) => memory.recall(ask, at(ms))?.retryAfterMs;

  memory.note({ ...ASK, cost: 5 }, refused(60_000), at(0));
  assert.deepEqual([wait({ ...ASK, cost: 4 }, 1), wait({ ...ASK, cost: 5 }, 4_999), wait({ ...ASK, cost: 5 }, 5_000)], [undefined, 55_001, undefined]);
  memory.note({ ...ASK, subject: "user:bob" }, read({ allowed: true, outcome: "admit", version: 1 }), at(1));
  assert.equal(wait({ ...ASK, cost: 5 }, 2), undefined, "the policy has changed");
  memory.forget(ASK);

  for (let number = 0; number < 10_000; number += 1) memory.note({ policy: "web", subject: `${number}` }, refused(2_000), at(0));
  assert.equal(memory.size, 4_096);
  memory.note({ policy: "web", subject: "late" }, refused(2_000), at(2_000));
  assert.equal(memory.size, 1);
});

test("a batch is decided one by one", async () => {
  const { limiter, thenTell } = openService();
  const verdicts = [verdict(true), { allowed: false, outcome: "unavailable" }, verdict(false, 9)];
  const asks = [ASK, ASK, ASK];
  thenTell({ verdicts });
  const outcomes = (told: { outcome: string; allowed: boolean }[]) => told.map(({ outcome, allowed }) => `${outcome} ${allowed}`);
  assert.deepEqual(outcomes(await limiter().batch(asks)), ["admit true", "unavailable false", "refuse false"]);
  thenTell({ verdicts });
  assert.deepEqual(outcomes(await limiter({ whenUnavailable: "allow" }).batch(asks)), ["admit true", "unchecked true", "refuse false"]);
  // One verdict too few is none at all.
  thenTell({ verdicts: verdicts.slice(1) });
  assert.equal(await reasonOf(limiter().batch(asks)), "unavailable");
});

test("a reservation is settled as its work ends", async () => {
  const { limiter: open, state, verbs, thenTell } = openService();
  const limiter = open();
  const refused = () => "refused";
  assert.equal(await limiter.guarded(ASK, 1_000, async () => 7, refused), 7);
  assert.equal(state.asked[0]?.body["request_id"], state.asked[1]?.body["request_id"]);
  assert.deepEqual(verbs(), ["reserve", "commit"]);
  const failing = limiter.guarded(ASK, 1_000, () => Promise.reject(new Error("no")), refused);
  await assert.rejects(failing, { message: "no" });
  assert.deepEqual(verbs(), ["reserve", "cancel"]);
  {
    await using reservation = await limiter.reserve(ASK, 1_000);
    assert.equal(reservation.verdict.allowed, true);
  }
  assert.deepEqual(verbs(), ["reserve", "cancel"]);

  // A commit that fails takes nothing from who has worked.
  thenTell(verdict(true));
  thenTell({}, 503);
  assert.equal(await limiter.guarded(ASK, 1_000, async () => 7, refused), 7);
  assert.deepEqual(state.told, ["the limit cannot be asked: status 503"]);

  state.left = 0;
  const unreachable = async () => assert.fail("begun");
  assert.equal(await limiter.guarded(ASK, 1_000, unreachable, refused), "refused");
});

test("what is settled may be asked for again", async () => {
  const { limiter: open, thenTell } = openService();
  const limiter = open();
  const held = await limiter.reserve(ASK, 1_000);
  thenTell(verdict(false, 60_000));
  assert.equal((await limiter.check(ASK)).allowed, false);
  await held.commit();
  assert.equal((await limiter.check(ASK)).allowed, true);
});

test("options that cannot work are refused", () => {
  const good = { issuer: ISSUER, clientId: "gate", clientSecret: "hunter2" };
  new Limiter(good);
  for (const bad of [
    { issuer: "http://acme.example" },
    { issuer: `${ISSUER}/` },
    { clientSecret: "" },
    { whenUnavailable: "allow" as const },
    { whenUnavailable: "open" as "allow", tell: () => {} },
    { deadlineMs: 0 },
    { deadlineMs: Number.NaN },
  ]) {
    assert.throws(() => new Limiter({ ...good, ...bad }), TypeError, JSON.stringify(bad));
  }
});

test("nothing prints a secret", async () => {
  const { limiter: open } = openService();
  const limiter = open();
  const reservation = await limiter.reserve(ASK, 1_000);
  const printed = inspect([limiter, reservation], { depth: null, showHidden: true }) + JSON.stringify([limiter, reservation]);
  assert.doesNotMatch(printed, /hunter2|token-0|Basic/);
});

test("connections to another address are kept", async (t) => {
  let connections = 0;
  const server = createServer((request, response) => {
    const issuer = `http://${request.headers.host}`;
    const answers: Record<string, unknown> = {
      "/.well-known/openid-configuration": { issuer, token_endpoint: `${issuer}/token` },
      "/token": { access_token: "token", expires_in: 300 },
    };
    response.end(JSON.stringify(answers[request.url ?? ""] ?? verdict(true)));
  });
  server.on("connection", () => (connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const options = { clientId: "gate", clientSecret: "hunter2", connect: `127.0.0.1:${port}`, deadlineMs: 60_000 };
  const limiter = new Limiter({ issuer: `http://acme.localhost:${port}`, ...options });
  for (let count = 0; count < 10; count += 1) assert.equal((await limiter.check(ASK)).allowed, true);
  assert.equal(connections, 1);
});
