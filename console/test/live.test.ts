import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed, type Frame, type Status, waitOf } from "../src/lib/live.ts";

/** A socket in a test's hands. */
class Socket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: string[] = [];
  isClosed = false;
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.isClosed = true;
  }
}

/** A feed over lines that the test opens, cuts and lets time pass on. */
function feed() {
  const sockets: Socket[] = [];
  const protocols: string[][] = [];
  const timers: { ms: number; then: () => void; isOver: boolean }[] = [];
  const told: { frames: Frame[]; statuses: Status[]; expired: number } = { frames: [], statuses: [], expired: 0 };
  const one = new Feed(
    {
      open: (_url, asked) => {
        protocols.push(asked);
        sockets.push(new Socket());
        return sockets.at(-1) as unknown as WebSocket;
      },
      token: async () => `t${told.expired}`,
      expire: () => void (told.expired += 1),
      after: (ms, then) => {
        const timer = { ms, then, isOver: false };
        timers.push(timer);
        return () => void (timer.isOver = true);
      },
      random: () => 0.5,
    },
    "wss://acme.example/admin/v1/live",
  );
  one.onFrame = (frame) => told.frames.push(frame);
  one.onStatus = (status) => told.statuses.push(status);
  /** Lets the one timer that runs come to its end. */
  const pass = async () => {
    const running = timers.filter(({ isOver }) => !isOver);
    assert.equal(running.length, 1, "one timer runs at a time");
    running[0]!.isOver = true;
    running[0]!.then();
    await new Promise(setImmediate);
    return running[0]!.ms;
  };
  const say = (frame: unknown) => sockets.at(-1)!.onmessage!({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  const cut = (code = 1006) => sockets.at(-1)!.onclose!({ code });
  return { one, sockets, protocols, timers, told, pass, say, cut };
}

test("waits double, up to half a minute, and are drawn at random", () => {
  assert.equal(waitOf(0, 0), 250);
  assert.equal(waitOf(0, 1), 500);
  assert.equal(waitOf(3, 1), 4_000);
  assert.equal(waitOf(50, 1), 30_000);
});

test("a feed is live once it is greeted, and tells its frames", async () => {
  const { one, told, say, protocols } = feed();
  await one.open();
  assert.deepEqual(protocols[0], ["aero2.live.v1", "bearer.t0"]);
  assert.equal(one.status, "connecting");
  say({ type: "hello", at: 1 });
  say({ type: "tenant", what: "created" });
  assert.equal(one.status, "live");
  assert.deepEqual(told.frames.map(({ type }) => type), ["hello", "tenant"]);
});

test("a line that is cut comes back, later each time, and begins anew once it was live", async () => {
  const { one, told, say, cut, pass } = feed();
  await one.open();
  say({ type: "hello" });
  cut();
  assert.equal(one.status, "reconnecting");
  assert.equal(await pass(), 375);
  cut();
  assert.equal(await pass(), 750);
  say({ type: "hello" });
  cut();
  assert.equal(await pass(), 375);
  assert.deepEqual(told.statuses, ["live", "reconnecting", "live", "reconnecting"]);
});

test("a line whose token expired comes back at once with another", async () => {
  const { one, told, say, cut, pass, protocols } = feed();
  await one.open();
  say({ type: "hello" });
  cut(4401);
  assert.equal(await pass(), 0);
  assert.equal(told.expired, 1);
  assert.deepEqual(protocols[1], ["aero2.live.v1", "bearer.t1"]);
});

test("a line that has died without a word is noticed", async () => {
  const { one, say, pass, sockets } = feed();
  await one.open();
  say({ type: "hello" });
  assert.equal(await pass(), 25_000);
  assert.deepEqual(sockets[0]!.sent, ["ping"]);
  say("pong");
  assert.equal(await pass(), 25_000);
  assert.equal(await pass(), 10_000);
  assert.ok(sockets[0]!.isClosed);
  assert.equal(one.status, "reconnecting");
});

test("a feed that is closed stays so, and one that waits can be hurried", async () => {
  const { one, say, cut, sockets, timers } = feed();
  await one.open();
  say({ type: "hello" });
  cut();
  one.hurry();
  await new Promise(setImmediate);
  assert.equal(sockets.length, 2);
  one.close();
  assert.ok(sockets[1]!.isClosed);
  assert.ok(timers.every(({ isOver }) => isOver));
});
