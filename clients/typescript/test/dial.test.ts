// Is a socket opened by `fetch` given up in time, and then left alone?

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { dialByFetch } from "../src/dial.ts";

const PROTOCOL = "aero2.revocation.v1";

/** Dials while `fetch` is in the test's hands. */
function dialled(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const answer = Promise.withResolvers<unknown>();
  let signal: AbortSignal | undefined;
  t.mock.method(globalThis, "fetch", (_: string, init: RequestInit) => {
    signal = init.signal ?? undefined;
    signal?.addEventListener("abort", () => answer.reject(signal?.reason));
    return answer.promise;
  });
  const told: unknown[] = [];
  const settled = new Promise<void>((settle) => {
    const tell = (what: unknown) => {
      told.push(what);
      settle();
    };
    const listener = { opened: () => tell("opened"), heard: tell, closed: (code: number | undefined) => tell(["closed", code]) };
    dialByFetch()("wss://acme.example/", {}, PROTOCOL, listener);
  });
  assert(signal);
  return { answer, signal, settled, told };
}

test("an upgrade that is not answered is given up after ten seconds", async (t) => {
  const { signal, settled, told } = dialled(t);
  t.mock.timers.tick(9_999);
  assert.equal(signal.aborted, false);
  t.mock.timers.tick(1);
  await settled;
  assert.deepEqual(told, [["closed", undefined]]);
});

test("an open socket is not", async (t) => {
  const { answer, signal, settled, told } = dialled(t);
  const webSocket = Object.assign(new EventTarget(), { accept() {} });
  answer.resolve({ webSocket, headers: new Headers({ "Sec-WebSocket-Protocol": PROTOCOL }) });
  await settled;
  t.mock.timers.tick(600_000);
  assert.equal(signal.aborted, false);
  assert.deepEqual(told, ["opened"]);
});

test("a refusal is told as the close code it means", async (t) => {
  const { answer, settled, told } = dialled(t);
  answer.resolve({ status: 401, headers: new Headers() });
  await settled;
  assert.deepEqual(told, [["closed", 4401]]);
});
