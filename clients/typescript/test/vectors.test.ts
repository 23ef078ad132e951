// Does the package answer as the shared vectors say?

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Feed, type Output, type Reconnect } from "../src/feed.ts";
import { openSecurityEvent, parseKeys, TokenRefused, verifyAccessToken } from "../src/token.ts";

const ORIGIN_MS = 1_800_000_000_000;
const ORIGIN_S = ORIGIN_MS / 1_000;
const folder = new URL("../../vectors/", import.meta.url);
const text = (name: string) => readFileSync(new URL(name, folder), "utf8");
const read = (name: string) => JSON.parse(text(name));

const keys = parseKeys(text("keys.json"));
assert(keys);
const { issuer, audience, sets } = read("sets.json");

const outcome = (verified: Promise<unknown>) =>
  verified.then(
    () => "good",
    (error) => (error instanceof TokenRefused ? error.refusal : Promise.reject(error)),
  );

test("every token is judged alike", async () => {
  const { tokens, leeway_s: leewayS } = read("tokens.json");
  for (const { about, token, expect } of tokens) {
    const verified = verifyAccessToken(token, keys, { issuer, audience, leewayS }, { wallMs: ORIGIN_MS, monoMs: 0 });
    assert.equal(await outcome(verified), expect, about);
  }
});

test("every security event token is judged alike", async () => {
  for (const [name, { set, expect }] of Object.entries<{ set: string; expect: string }>(sets)) {
    assert.equal(await outcome(openSecurityEvent(set, keys, issuer, [audience])), expect, name);
  }
});

test("every scenario is played alike", async () => {
  const names = readdirSync(new URL("feed/", folder));
  assert(names.length > 50);
  for (const name of names) await play(read(`feed/${name}`), name);
});

async function play({ limits = {}, tokens, steps }: any, name: string) {
  const feed = new Feed({ entriesMax: limits.entries_max, maxStalenessMs: limits.max_staleness_ms });
  for (const [at, step] of steps.entries()) {
    const about = `${name}, step ${at}: ${JSON.stringify(step)}`;
    const now = { wallMs: ORIGIN_MS + (step.wall ?? step.at), monoMs: step.at };
    const outputs = await act(feed, step, now, about);
    const { send = [], close = null, synced = null, drain = null } = step;
    assert.deepEqual(told(outputs), { send, close, synced, drain }, about);
    for (const [token, standing] of Object.entries(step.standing ?? {})) {
      assert.equal(feed.standing(facts(tokens[token]), now), standing, `${token} in ${about}`);
    }
    if ("cursor" in step) assert.equal(feed.cursor ?? null, step.cursor, about);
    if ("entries" in step) assert.equal(feed.entries, step.entries, about);
    if ("certain" in step) assert.equal(feed.isCertain(now), step.certain, about);
  }
}

async function act(feed: Feed, step: any, now: { wallMs: number; monoMs: number }, about: string): Promise<Output[]> {
  if ("open" in step) feed.opened(now);
  if ("closed" in step) assert.deepEqual(spelled(feed.closed(step.closed ?? undefined)), step.reconnect, about);
  if ("tick" in step) return feed.tick(now);
  if ("sync" in step) {
    const frame = feed.sync(step.sync);
    return frame === undefined ? [] : [{ send: frame }];
  }
  if (!("receive" in step)) return [];
  const received = feed.receive(frameOf(step.receive), now);
  if ("outputs" in received) return received.outputs;
  const revocation = await openSecurityEvent(received.verify.set, keys!, issuer, [audience]).catch((error) => {
    assert(error instanceof TokenRefused);
    return undefined;
  });
  return feed.take(received.verify, revocation, now);
}

/** With tokens in the place of their names, and instants after the origin made absolute. */
function frameOf(frame: any): string {
  if (typeof frame === "string") return frame;
  const resolved = structuredClone(frame);
  if (resolved.set?.startsWith("@")) {
    resolved.set = sets[resolved.set.slice(1)].set;
    assert(resolved.set);
  }
  for (const record of resolved.revoked ?? []) {
    for (const name of ["exp", "not_before"]) if (name in record) record[name] += ORIGIN_S;
  }
  return JSON.stringify(resolved);
}

function facts({ sub, client_id, sid, jti, iat, exp }: any) {
  return { subject: sub, client: client_id, session: sid, id: jti, issuedAt: ORIGIN_S + iat, expiresAt: ORIGIN_S + exp };
}

function told(outputs: Output[]) {
  const all = { send: [] as unknown[], close: null as unknown, synced: null as unknown, drain: null as unknown };
  for (const output of outputs) {
    if ("send" in output) all.send.push(output.send === "ping" ? "ping" : JSON.parse(output.send));
    else Object.assign(all, output);
  }
  return all;
}

function spelled(reconnect: Reconnect) {
  if ("stop" in reconnect) return "stop";
  const { atLeastMs, belowMs, freshToken } = reconnect;
  return freshToken ? [atLeastMs, belowMs, "fresh_token"] : [atLeastMs, belowMs];
}
