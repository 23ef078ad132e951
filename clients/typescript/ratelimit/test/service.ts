// A tenant's rate limit in memory: what it answers is in the test's hands.

import assert from "node:assert/strict";
import { LimitError, Limiter, type LimiterOptions } from "../src/index.ts";

export const ISSUER = "https://acme.example";

/** What becomes of a question: this answer; a broken connection, after the charge; or nothing, ever. */
export type Reply = { status: number; body: unknown } | "break" | "silence";

export type Asked = { verb: string; body: Record<string, unknown> };

export const verdict = (allowed: boolean, waitMs: number | null = null) => ({
  allowed,
  outcome: allowed ? "admit" : "refuse",
  retry_after_ms: waitMs,
  policy: "api",
  version: 1,
  mode: "enforce",
  shadow_refused: false,
  degraded: false,
  rules: [{ name: "burst", limit: 10, window_ms: 10_000, remaining: 0, reset_ms: 1_000, refuses: !allowed }],
  headers: { "RateLimit-Policy": '"api.burst";q=10;w=10', RateLimit: '"api.burst";r=0;t=1' },
});

/** An error of the network, as fetch has it. */
const broken = () => new TypeError("fetch failed");

export function openService() {
  const state = {
    /** What comes before the ordinary answers. */
    replies: [] as Reply[],
    /** What is left under the ordinary answers. */
    left: Number.MAX_SAFE_INTEGER,
    charged: new Set<unknown>(),
    tokensAsked: 0,
    /** Tokens with a lower number are spent. */
    tokensFrom: 0,
    tokenStatus: 200,
    /** Token requests wait for it. */
    tokenGate: Promise.resolve(),
    asked: [] as Asked[],
    told: [] as string[],
  };

  const json = (status: number, body: unknown) =>
    new Response(status === 204 ? null : typeof body === "string" ? body : JSON.stringify(body), { status, headers: { "Retry-After": "7" } });

  /** Charges once for each request id. */
  function charge({ request_id: id }: Record<string, unknown>) {
    if (id !== undefined && state.charged.has(id)) return verdict(true);
    if (state.left === 0) return verdict(false, 700);
    state.left -= 1;
    if (id !== undefined) state.charged.add(id);
    return verdict(true);
  }

  function decide(verb: string, body: Record<string, unknown>): unknown {
    if (verb === "commit" || verb === "cancel") return { settled: "done" };
    if (verb === "batch") return { verdicts: (body["checks"] as Record<string, unknown>[]).map(charge) };
    return charge(body);
  }

  async function serve(url: string, init: RequestInit): Promise<Response> {
    const { origin, pathname } = new URL(url);
    assert.equal(origin, ISSUER);
    assert.equal(init.redirect, "manual");
    const headers = new Headers(init.headers);
    if (pathname === "/.well-known/openid-configuration") return json(200, { issuer: ISSUER, token_endpoint: `${ISSUER}/token` });
    if (pathname === "/token") {
      assert.equal(init.body, "grant_type=client_credentials&scope=ratelimit");
      assert.equal(headers.get("Authorization"), `Basic ${btoa("gate:hunter2")}`);
      const number = state.tokensAsked++;
      await state.tokenGate;
      return json(state.tokenStatus, { access_token: `token-${number}`, expires_in: 300 });
    }
    const verb = pathname.replace("/v1/ratelimit/", "");
    const body = JSON.parse(String(init.body)) as Record<string, unknown>;
    state.asked.push({ verb, body });
    const [, number] = /^Bearer token-(\d+)$/.exec(headers.get("Authorization") ?? "") ?? [];
    if (Number(number) < state.tokensFrom) return json(401, {});
    const reply = state.replies.shift();
    if (reply === "silence") {
      return new Promise((_, fail) => init.signal?.addEventListener("abort", () => fail(init.signal?.reason)));
    }
    if (typeof reply === "object") return json(reply.status, reply.body);
    const told = decide(verb, body);
    if (reply === "break") throw broken();
    return json(200, told);
  }

  return {
    state,
    limiter: (options: Partial<LimiterOptions> = {}) =>
      new Limiter({
        issuer: ISSUER,
        clientId: "gate",
        clientSecret: "hunter2",
        fetch: (url, init) => serve(String(url), init ?? {}),
        tell: (error) => state.told.push(error.message),
        ...options,
      }),
    /** What comes next. */
    then: (...replies: Reply[]) => state.replies.push(...replies),
    thenTell: (body: unknown, status = 200) => state.replies.push({ status, body }),
    /** Verbs that were asked since the last time. */
    verbs: () => state.asked.splice(0).map(({ verb }) => verb),
  };
}

/** Why there was no verdict. */
export async function reasonOf(told: Promise<unknown>): Promise<string> {
  const error = await told.then(
    (verdict) => assert.fail(`a verdict: ${JSON.stringify(verdict)}`),
    (error: unknown) => error,
  );
  assert.ok(error instanceof LimitError, String(error));
  return error.reason;
}
