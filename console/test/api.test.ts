import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, path, Problem, Stale, withQuery } from "../src/lib/api.ts";

/** An API that answers these in turn, and what it was asked. */
function api(...answers: Response[]) {
  const asked: { url: string; init: RequestInit }[] = [];
  const expired = { times: 0 };
  const signIn = { token: async () => `token-${expired.times}`, expire: () => void (expired.times += 1) };
  const fetcher = (async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return answers.shift()!;
  }) as typeof fetch;
  return { api: new Api(signIn, fetcher), asked, expired };
}

const problem = (status: number, detail: string, headers = {}) =>
  Response.json({ type: "urn:aero2:problem:invalid-policy", status, detail, instance: "urn:aero2:request:r1" }, { status, headers });

test("a segment cannot break out of its place", () => {
  assert.equal(path("actors", "bucket", "tnt_1/3:api/../x?y"), "/admin/v1/actors/bucket/tnt_1%2F3%3Aapi%2F..%2Fx%3Fy");
  assert.equal(withQuery("/x", { a: "&b=1", none: "", nothing: undefined, limit: 8 }), "/x?a=%26b%3D1&limit=8");
});

test("a document is sent with the token, and nothing comes of 204", async () => {
  const { api: one, asked } = api(new Response(null, { status: 204 }));
  assert.equal(await one.send("POST", "/x", { a: 1 }, { reason: "why" }), undefined);
  assert.equal(asked[0]!.url, "/x?reason=why");
  assert.equal((asked[0]!.init.headers as Record<string, string>).authorization, "Bearer token-0");
  assert.equal(asked[0]!.init.body, '{"a":1}');
});

test("a refusal says what, where, and under which request", async () => {
  const { api: one } = api(problem(422, "rules[1].burst must be a whole number from 1 to 60."));
  const told = await one.send("POST", "/x", {}).catch((error) => error);
  assert.ok(told instanceof Problem);
  assert.deepEqual([told.status, told.word, told.member, told.request], [422, "invalid-policy", "rules[1].burst", "r1"]);
});

test("a sentence that names no member is about no member", async () => {
  for (const detail of ["The body must be a JSON object.", "There is nothing here."]) {
    const { api: one } = api(problem(422, detail));
    assert.equal((await one.get<never>("/x").catch((error) => error)).member, undefined);
  }
});

test("a token that is no longer good is renewed once", async () => {
  const { api: one, asked, expired } = api(problem(401, "no"), Response.json({ ok: 1 }));
  assert.deepEqual(await one.get("/x"), { ok: 1 });
  assert.equal(expired.times, 1);
  assert.equal((asked[1]!.init.headers as Record<string, string>).authorization, "Bearer token-1");
  const { api: other, asked: twice } = api(problem(401, "no"), problem(401, "still not"));
  await assert.rejects(other.get("/x"), /still not/);
  assert.equal(twice.length, 2);
});

test("an act that needs a fresh sign-in says how fresh, and is not tried again", async () => {
  const challenge = { "www-authenticate": 'Bearer error="insufficient_user_authentication", error_description="too old", max_age="900"' };
  const { api: one, asked } = api(problem(401, "too old", challenge));
  const told = await one.send("DELETE", "/x").catch((error) => error);
  assert.ok(told instanceof Stale);
  assert.equal(told.maxAge, "900");
  assert.equal(asked.length, 1);
});

test("an answer that is no JSON is a refusal all the same", async () => {
  const { api: one } = api(new Response("<html>", { status: 502, headers: { "retry-after": "5" } }));
  const told = await one.get<never>("/x").catch((error) => error);
  assert.deepEqual([told.status, told.retryAfter], [502, 5]);
});
