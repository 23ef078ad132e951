// `fetch` for names that only browsers know.
//
// `*.localhost` is this machine (RFC 6761 §6.3), and browsers hold to it, but
// many resolvers do not.

import { request } from "node:http";
import { Readable } from "node:stream";

/** More than any answer of ours, and soon enough that nobody wonders. */
const ANSWER_MS_MAX = 15_000;

/** As the global `fetch`, except that `http://*.localhost` is always this machine. */
export async function reach(address, { method = "GET", headers = {}, body, signal } = {}) {
  const url = new URL(address);
  if (url.protocol !== "http:" || !/(^|\.)localhost$/.test(url.hostname)) {
    return fetch(url, { method, headers, body, signal, redirect: "manual" });
  }
  const sent = {
    method,
    headers: Object.fromEntries(new Headers(headers)),
    signal: signal ?? AbortSignal.timeout(ANSWER_MS_MAX),
    lookup: (_name, options, settle) =>
      options.all ? settle(null, [{ address: "127.0.0.1", family: 4 }]) : settle(null, "127.0.0.1", 4),
  };
  if (body instanceof URLSearchParams) sent.headers["content-type"] ??= "application/x-www-form-urlencoded;charset=UTF-8";
  const answer = await new Promise((settle, fail) => {
    request(url, sent, settle).on("error", fail).end(body === undefined || body === null ? undefined : String(body));
  });
  const empty = [101, 204, 205, 304].includes(answer.statusCode);
  const received = Object.entries(answer.headersDistinct).flatMap(([name, values]) => values.map((value) => [name, value]));
  return new Response(empty ? null : Readable.toWeb(answer), { status: answer.statusCode, headers: received });
}

/** Attempts at an answer that says to come back. */
const ATTEMPTS_MAX = 5;

/** The same, coming back when the answer is 503 and says when: a tenant takes a moment to be founded. */
export async function insist(address, init) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await reach(address, init);
    const wait = Number(answer.headers.get("retry-after"));
    if (answer.status !== 503 || !wait || attempt === ATTEMPTS_MAX) return answer;
    await new Promise((settle) => setTimeout(settle, wait * 1_000));
  }
}
