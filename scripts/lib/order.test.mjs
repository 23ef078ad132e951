// Do functions keep their names and their meaning when they are put in order?

import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { withOwnNames, withSortableNames } from "./order.mjs";

const section = (id, ...body) => [id, body.length, ...body];
const text = (name) => [name.length, ...Buffer.from(name)];
const named = (...names) => section(1, names.length, ...names.flatMap((name, index) => [index, ...text(name)]));

/** One imported function, and four of its own: of each two, the second is a little longer. */
const module = (...names) => {
  const body = (...code) => [code.length + 2, 0, ...code, 0x0b];
  const [one, other] = [[0x41, 1, 0x41, 2, 0x6a, 0x1a], [0x20, 0, 0x45, 0x1a, 0x20, 0, 0x1a]];
  const bodies = [body(...one, 1), body(...other), body(...one, 1, 1), body(...other, 1)];
  return Buffer.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 1, 0x7f, 0),
    ...section(2, 1, ...text("m"), ...text("f"), 0, 0),
    ...section(3, 4, 0, 0, 0, 0),
    ...section(10, 4, ...bodies.flat()),
    ...section(0, ...text("name"), ...named(...names)),
  ]);
};

test("a name says first where its function is to stand", () => {
  const wasm = withSortableNames(module("f", "a", "b", "c", "d"));
  for (const name of ["000000\nf", "000001\na", "000002\nc", "000003\nb", "000004\nd"]) equal(wasm.toString("latin1").includes(name), true, name);
  equal(WebAssembly.validate(wasm), true);
});

test("names come back as they were", () => {
  const wasm = module("f", "g", "h", "i", "j");
  deepEqual(withOwnNames(withSortableNames(wasm)), wasm);
});
