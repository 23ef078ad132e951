// Are the names left out, and nothing else?

import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { withoutNames } from "./wasm.mjs";

const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const section = (id, ...body) => [id, body.length, ...body];
const custom = (name, ...body) => section(0, name.length, ...Buffer.from(name), ...body);

test("names and producers are left out", () => {
  const types = section(1, 1, 0x60, 0, 0);
  const kept = custom("target_features", 1, 2, 3);
  const wasm = Buffer.from([...magic, ...types, ...custom("name", 9, 9), ...kept, ...custom("producers", 7)]);
  deepEqual([...withoutNames(wasm)], [...magic, ...types, ...kept]);
});

test("the rest is a module that still compiles", () => {
  const wasm = Buffer.from([...magic, ...section(1, 1, 0x60, 0, 0), ...custom("name", 0, 1, 0)]);
  equal(WebAssembly.validate(withoutNames(wasm)), true);
});
