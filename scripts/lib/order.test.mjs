// Do functions keep their names and their meaning when they are put in order?

import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { withOwnNames, withSortableNames } from "./order.mjs";

const section = (id, ...body) => [id, body.length, ...body];
const text = (name) => [name.length, ...Buffer.from(name)];
const named = (...names) => section(1, names.length, ...names.flatMap((name, index) => [index, ...text(name)]));

/** One imported function, and two of its own with bodies of 2 and 3 bytes. */
const module = (...names) =>
  Buffer.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 0, 0),
    ...section(2, 1, ...text("m"), ...text("f"), 0, 0),
    ...section(3, 2, 0, 0),
    ...section(10, 2, 2, 0, 0x0b, 3, 0, 0x01, 0x0b),
    ...section(0, ...text("name"), ...named(...names)),
  ]);

test("a name says what the function is but for our types, and how long", () => {
  const wasm = module("f", "<aero2[0123456789abcdef]::a::B>::go", "<aero2[123456789abcdef]::c::D>::go");
  const sortable = withSortableNames(wasm).toString("latin1");
  for (const key of ["f 00000000\nf", "<T>::go 00000002\n<aero2", "<T>::go 00000003\n<aero2"]) equal(sortable.includes(key), true, key);
  equal(WebAssembly.validate(withSortableNames(wasm)), true);
});

test("names come back as they were", () => {
  const wasm = module("f", "g", "h");
  deepEqual(withOwnNames(withSortableNames(wasm)), wasm);
});
