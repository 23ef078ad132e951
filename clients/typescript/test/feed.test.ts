// What of the feed do the vectors not show?

import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed } from "../src/feed.ts";

const NOW = { wallMs: 0, monoMs: 0 };

test("what was verified for a socket that is gone means nothing", () => {
  const feed = new Feed();
  feed.opened(NOW);
  for (const frame of [
    { type: "hello", heartbeat: 25, max_staleness: 60 },
    { type: "reset", cursor: "epocha22.1", part: 1, parts: 1, revoked: [] },
    { type: "caught_up", cursor: "epocha22.1" },
  ]) {
    feed.receive(JSON.stringify(frame), NOW);
  }
  const received = feed.receive(JSON.stringify({ type: "event", cursor: "epocha22.2", set: "set" }), NOW);
  assert("verify" in received);
  feed.closed(1001);
  feed.opened(NOW);

  assert.deepEqual(feed.take(received.verify, undefined, NOW), []);
  assert(feed.isCertain(NOW));
});
