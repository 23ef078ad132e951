// Do the middlewares tell what they should to who asks, and let nothing else pass?

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { limit as limitExpress, type Limited } from "../src/express.ts";
import { limit as limitHono, type ContextLike } from "../src/hono.ts";
import { EXEMPT, type Limiter, type LimitOptions } from "../src/index.ts";
import { openService, verdict } from "./service.ts";

type Told = { status: number; headers: Headers; body: string };
type Send = (path: string, user?: string) => Promise<Told>;

const options = { policy: "api", cost: 2 };
const subjectOf = (user: string | null | undefined) => (user === "admin" ? EXEMPT : (user ?? undefined));
const statusOf = (path: string) => ({ "/fails": 502, "/missing": 404 })[path] ?? 200;

/** An application on Node's http, as Express calls its middlewares. */
async function onExpress(t: TestContext, limiter: Limiter, more: Partial<LimitOptions<IncomingMessage>> = {}) {
  const app = { reached: 0, closed: [] as (() => void)[] };
  const middleware = limitExpress<IncomingMessage, ServerResponse>(limiter, { ...options, subject: (request) => subjectOf(request.headers["x-user"] as string | undefined), ...more });
  const server = createServer((request, response) => {
    void middleware(request, response, (error) => {
      app.reached += 1;
      response.statusCode = error ? 500 : statusOf(request.url ?? "");
      if (request.url !== "/never") response.end(error ? String(error) : ((request as Limited).rateLimit?.policy ?? "exempt"));
      else response.flushHeaders();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const send: Send = async (path, user) => {
    const response = await fetch(url + path, { headers: user === undefined ? {} : { "x-user": user } });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  return { app, send, url };
}

/** What a context of Hono says of a request. */
function requestOf(path: string, user: string | undefined) {
  const raw = new Request(`https://api.acme.example${path}`, { headers: user === undefined ? {} : { "x-user": user } });
  return { req: { raw, path, header: (name: string) => raw.headers.get(name) ?? undefined }, get: () => undefined };
}

/** As much of Hono as the middleware meets. */
async function onHono(_: TestContext, limiter: Limiter, more: Partial<LimitOptions<ContextLike>> = {}) {
  const app = { reached: 0 };
  const middleware = limitHono(limiter, { ...options, subject: (c) => subjectOf(c.req.header("x-user")), ...more });
  const send: Send = async (path, user) => {
    const context = {
      ...requestOf(path, user),
      res: { status: 404 },
      headers: new Headers(),
      verdict: "exempt",
      waited: [] as Promise<unknown>[],
      executionCtx: { waitUntil: (work: Promise<unknown>) => void context.waited.push(work) },
      header(name: string, value: string, { append }: { append: boolean }) {
        assert.ok(append);
        context.headers.append(name, value);
      },
      set: (_: string, { policy }: { policy: string }) => void (context.verdict = policy),
    };
    const refused = await middleware(context, async () => {
      app.reached += 1;
      context.res = { status: statusOf(path) };
    });
    await Promise.all(context.waited);
    if (refused) return { status: refused.status, headers: refused.headers, body: await refused.text() };
    return { status: context.res.status, headers: context.headers, body: context.verdict };
  };
  return { app, send };
}

for (const [name, open] of [["Express", onExpress], ["Hono", onHono]] as const) {
  test(`${name}: who passes hears how much is left`, async (t) => {
    const { limiter, state } = openService();
    const { send } = await open(t, limiter());
    const { status, headers, body } = await send("/", "ada");
    assert.equal(status, 200);
    assert.equal(headers.get("RateLimit-Policy"), '"api.burst";q=10;w=10');
    assert.equal(headers.get("RateLimit"), '"api.burst";r=0;t=1');
    assert.equal(headers.get("Retry-After"), null);
    assert.equal(body, "api");
    const { subject, cost } = state.asked[0]?.body ?? {};
    assert.deepEqual({ subject, cost }, { subject: "ada", cost: 2 });
  });

  test(`${name}: who had too much is told so and reaches nothing`, async (t) => {
    const { limiter, thenTell } = openService();
    const { app, send } = await open(t, limiter());
    thenTell(verdict(false, 1_500));
    const { status, headers, body } = await send("/", "ada");
    assert.equal(status, 429);
    assert.equal(headers.get("Retry-After"), "2");
    assert.equal(headers.get("Content-Type"), "application/problem+json");
    assert.equal(headers.get("Cache-Control"), "no-store");
    assert.ok(headers.has("RateLimit") && headers.has("RateLimit-Policy"));
    assert.deepEqual(JSON.parse(body)["violated-policies"], ["api.burst"]);
    assert.equal(app.reached, 0);
  });

  test(`${name}: who is exempt is not asked about, who has no name does not pass`, async (t) => {
    const { limiter, verbs } = openService();
    const { app, send } = await open(t, limiter({ whenUnavailable: "allow" }));
    const { headers, body } = await send("/", "admin");
    assert.equal(headers.has("RateLimit"), false);
    assert.equal(body, "exempt");
    assert.equal((await send("/")).status, 400);
    assert.equal((await send("/", "")).status, 400);
    assert.equal((await send("/", "x".repeat(257))).status, 400);
    assert.deepEqual(verbs(), []);
    assert.equal(app.reached, 1);
  });

  test(`${name}: without a verdict nothing is reached unless that was said`, async (t) => {
    const { limiter, thenTell, state } = openService();
    const closed = await open(t, limiter());
    thenTell({}, 503);
    const { status, headers, body } = await closed.send("/", "ada");
    assert.equal(status, 503);
    assert.equal(headers.get("Retry-After"), "7");
    assert.match(body, /temporary-reduced-capacity/);
    thenTell({}, 404);
    assert.equal((await closed.send("/", "ada")).status, 500);
    assert.equal(closed.app.reached, 0);
    assert.equal(state.told.length, 2);

    const opened = await open(t, limiter({ whenUnavailable: "allow" }));
    thenTell({}, 503);
    assert.equal((await opened.send("/", "ada")).status, 200);
    assert.equal(opened.app.reached, 1);
    assert.equal(state.told.length, 3);
  });

  test(`${name}: no answer of the service adds a header`, async (t) => {
    const { limiter, thenTell } = openService();
    const { app, send } = await open(t, limiter());
    for (const RateLimit of ["x\r\nset-cookie: a=b", "x\nset-cookie: a=b", "\0", "\u560d\u560aset-cookie: a=b"]) {
      thenTell({ ...verdict(true), headers: { RateLimit } });
      const { status, headers } = await send("/", "ada");
      assert.equal(status, 503);
      assert.equal(headers.has("set-cookie") || headers.has("RateLimit"), false);
    }
    assert.equal(app.reached, 0);
  });

  test(`${name}: what is reserved is settled as the response is`, async (t) => {
    const { limiter: make, state } = openService();
    const limiter = make();
    const settled = new Settling(limiter);
    const { send } = await open(t, limiter, { holdMs: 30_000 });
    for (const [path, verb] of [["/", "commit"], ["/missing", "commit"], ["/fails", "cancel"]] as const) {
      state.asked.length = 0;
      assert.ok((await send(path, "ada")).headers.has("RateLimit"));
      await settled.next();
      assert.deepEqual(state.asked.map(({ verb }) => verb), ["reserve", verb], path);
    }
  });
}

/** Waits for the limiter to have settled something. */
class Settling {
  #ended: (() => void)[] = [];
  #count = 0;

  constructor(limiter: Limiter) {
    const settled = limiter.settled.bind(limiter);
    limiter.settled = async (...ending) => {
      await settled(...ending);
      this.#count += 1;
      this.#ended.shift()?.();
    };
  }

  async next(): Promise<void> {
    if (this.#count === 0) await new Promise<void>((ended) => this.#ended.push(ended));
    this.#count -= 1;
  }
}

test("Express: what is abandoned is given back", async (t) => {
  const { limiter: make, state } = openService();
  const limiter = make();
  const settled = new Settling(limiter);
  const { url } = await onExpress(t, limiter, { holdMs: 30_000 });
  const request = get(`${url}/never`, { headers: { "x-user": "ada" } });
  request.on("error", () => {});
  await once(request, "response");
  request.destroy();
  await settled.next();
  assert.deepEqual(state.asked.map(({ verb }) => verb), ["reserve", "cancel"]);
});

test("Express: what an application throws is its own", async (t) => {
  const { limiter } = openService();
  const { send } = await onExpress(t, limiter(), { subject: () => Promise.reject(new Error("no session")) });
  assert.deepEqual(await send("/", "ada").then(({ status, body }) => [status, body]), [500, "Error: no session"]);
});

test("Hono: a handler that throws gives back what it reserved", async () => {
  const { limiter, verbs } = openService();
  const waited: Promise<unknown>[] = [];
  const context: ContextLike = {
    ...requestOf("/", "ada"),
    res: { status: 200 },
    executionCtx: { waitUntil: (work) => void waited.push(work) },
    header: () => assert.fail("told"),
    set: () => {},
  };
  const middleware = limitHono(limiter(), { policy: "api", subject: () => "ada", holdMs: 1_000 });
  await assert.rejects(middleware(context, () => Promise.reject(new Error("no"))), { message: "no" });
  await Promise.all(waited);
  assert.deepEqual(verbs(), ["reserve", "cancel"]);
});
