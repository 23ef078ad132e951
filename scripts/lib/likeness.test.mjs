// Do pieces that are alike come to stand beside each other?

import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { byLikeness } from "./likeness.mjs";

const piece = (text) => Buffer.from(text);

test("what is alike stands together, and the first stays first", () => {
  const pieces = ["the first of all pieces", "quick brown foxes jump", "lorem ipsum dolor sit", "quick brown foxes jumped", "lorem ipsum dolor sat"];
  deepEqual(byLikeness(pieces.map(piece)), [0, 1, 3, 2, 4]);
});

test("every piece stands somewhere, once, and always in the same place", () => {
  const pieces = Array.from({ length: 300 }, (_, index) => piece(`${"ab".repeat((index * 7) % 40)}${index % 13}`.repeat(20)));
  const order = byLikeness(pieces);
  deepEqual([...order].sort((a, b) => a - b), [...pieces.keys()]);
  deepEqual(byLikeness(pieces), order);
});

test("nothing is in order already", () => {
  equal(byLikeness([]).length, 0);
  deepEqual(byLikeness([piece("")]), [0]);
});
