// Is a page told that its session has ended, and left alone otherwise?

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { watchSession } from "../session.js";

const ISSUER = "https://acme.example";
const HELLO = { type: "hello", cursor: "epocha22.0", oldest: "epocha22.0", heartbeat: 25, max_staleness: 60 };
const CAUGHT_UP = { type: "caught_up", cursor: "epocha22.0" };

/** Sockets that were opened, in order. */
let sockets = [];
let page;

class Socket {
  static OPEN = 1;
  readyState = 1;
  sent = [];

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    sockets.push(this);
  }

  send(text) {
    this.sent.push(text === "ping" ? text : JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  says(...frames) {
    for (const frame of frames) this.onmessage({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  ends(code) {
    this.readyState = 3;
    this.onclose({ code });
  }
}

beforeEach(() => {
  sockets = [];
  page = new EventTarget();
  globalThis.WebSocket = Socket;
  globalThis.location = { origin: ISSUER };
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  for (const name of ["addEventListener", "removeEventListener"]) globalThis[name] = page[name].bind(page);
});

function watch(t, options = {}) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.mock.method(Math, "random", () => 0.999);
  const told = [];
  const watching = watchSession({
    onEnded: (ended) => told.push(["ended", ended]),
    onLive: () => told.push("live"),
    onUncertain: (code) => told.push(code === undefined ? "uncertain" : ["uncertain", code]),
    ...options,
  });
  return { told, watching, pass: (ms) => t.mock.timers.tick(ms) };
}

test("a page is told that its session has ended, once", (t) => {
  const { told, pass } = watch(t);
  const [socket] = sockets;
  assert.equal(socket.url, "wss://acme.example/v1/sessions/events");
  assert.deepEqual(socket.protocols, ["aero2.revocation.v1"]);
  socket.says(HELLO, { type: "reset", cursor: "epocha22.0", part: 1, parts: 1, revoked: [] }, CAUGHT_UP);
  assert.deepEqual(socket.sent, [{ type: "start" }, { type: "ack", cursor: "epocha22.0" }]);

  socket.says({ type: "event", cursor: "epocha22.1", event: { kind: "session_ended", reason: "administrator", at: 7, txn: "txn_1" } });
  socket.ends(4401);
  pass(600_000);

  assert.deepEqual(told, ["live", ["ended", { reason: "administrator", at: 7, txn: "txn_1" }]]);
  assert.equal(sockets.length, 1);
});

test("a session that had ended before is told without hello", (t) => {
  const { told } = watch(t);
  sockets[0].says({ type: "event", cursor: "epocha22.1", event: { kind: "session_ended", reason: "idle", at: 7, txn: "txn_1" } });
  assert.deepEqual(told, [["ended", { reason: "idle", at: 7, txn: "txn_1" }]]);
});

for (const [code, expected] of [
  [4401, ["ended", {}]],
  [4400, ["uncertain", 4400]],
  [4403, ["uncertain", 4403]],
]) {
  test(`after ${code} it never connects again`, (t) => {
    const { told, pass } = watch(t);
    sockets[0].ends(code);
    pass(600_000);
    page.dispatchEvent(new Event("online"));
    assert.deepEqual(told, [expected]);
    assert.equal(sockets.length, 1);
  });
}

for (const [code, wait, next] of [
  [1001, 500, { type: "resume", cursor: "epocha22.0" }],
  [1006, 500, { type: "resume", cursor: "epocha22.0" }],
  [4408, 500, { type: "resume", cursor: "epocha22.0" }],
  [4410, 500, { type: "start" }],
  [4413, 500, { type: "resume", cursor: "epocha22.0" }],
  [4429, 30_000, { type: "resume", cursor: "epocha22.0" }],
]) {
  test(`after ${code} it connects again and sends ${next.type}`, (t) => {
    const { told, pass } = watch(t);
    sockets[0].says(HELLO, CAUGHT_UP);
    sockets[0].ends(code);
    pass(wait * 0.99);
    assert.equal(sockets.length, 1);
    pass(wait * 0.01);
    sockets[1].says(HELLO);
    assert.deepEqual(sockets[1].sent, [next]);
    assert.deepEqual(told, ["live"]);
  });
}

test("each attempt that leads nowhere doubles the wait, up to 30 s", (t) => {
  const { pass } = watch(t);
  for (const below of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    const before = sockets.length;
    sockets.at(-1).ends(1006);
    pass(Math.floor(below * 0.999) - 1);
    assert.equal(sockets.length, before);
    pass(2);
    assert.equal(sockets.length, before + 1);
  }
});

test("silence makes it uncertain and connects anew; what is heard makes it live again", (t) => {
  const { told, pass } = watch(t);
  sockets[0].says(HELLO, CAUGHT_UP);
  pass(25_000);
  assert.deepEqual(sockets[0].sent.at(-1), "ping");
  sockets[0].says("pong");
  pass(50_000);
  assert.equal(sockets[0].readyState, 3);
  pass(10_000);
  assert.deepEqual(told, ["live", "uncertain"]);
  sockets[1].says(HELLO);
  assert.deepEqual(told, ["live", "uncertain"]);
  sockets[1].says(CAUGHT_UP);
  assert.deepEqual(told, ["live", "uncertain", "live"]);
});

test("a page of another origin brings a new ticket to every connection", async (t) => {
  const tickets = ["one", "two", null];
  const { told, pass } = watch(t, { issuer: "http://acme.localhost:8787", ticket: async () => tickets.shift() });
  await Promise.resolve();
  assert.equal(sockets[0].url, "ws://acme.localhost:8787/v1/sessions/events");
  assert.deepEqual(sockets[0].protocols, ["aero2.revocation.v1", "aero2.ticket.one"]);
  sockets[0].ends(1006);
  pass(500);
  await Promise.resolve();
  assert.deepEqual(sockets[1].protocols, ["aero2.revocation.v1", "aero2.ticket.two"]);
  sockets[1].ends(1006);
  pass(1_000);
  await Promise.resolve();
  assert.deepEqual(told, [["ended", {}]]);
});

test("a page that comes back asks for a sign of life, and connects anew without one", (t) => {
  const { pass } = watch(t);
  sockets[0].says(HELLO, CAUGHT_UP);
  globalThis.document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(sockets[0].sent.at(-1), "ping");
  pass(4_999);
  assert.equal(sockets[0].readyState, 1);
  pass(1);
  assert.equal(sockets[0].readyState, 3);
  page.dispatchEvent(new Event("online"));
  assert.equal(sockets.length, 2);
});

test("a hidden page lets go of its socket and takes it up again when shown", (t) => {
  const { pass } = watch(t);
  page.dispatchEvent(new Event("pagehide"));
  assert.equal(sockets[0].readyState, 3);
  pass(600_000);
  assert.equal(sockets.length, 1);
  page.dispatchEvent(new Event("pageshow"));
  assert.equal(sockets.length, 2);
});

test("a draining server is left within the time it names", (t) => {
  const { pass } = watch(t);
  sockets[0].says(HELLO, CAUGHT_UP, { type: "drain", after_ms: 5_000 });
  pass(4_990);
  assert.equal(sockets.length, 1);
  pass(10);
  assert.equal(sockets.length, 2);
  assert.equal(sockets[0].readyState, 3);
});

test("a watch that is closed is quiet", (t) => {
  const { told, watching, pass } = watch(t);
  sockets[0].says(HELLO, CAUGHT_UP);
  watching.close();
  sockets[0].says({ type: "event", event: { kind: "session_ended" } });
  pass(600_000);
  assert.deepEqual(told, ["live"]);
  assert.equal(sockets.length, 1);
});
