// In which order the functions of the Wasm stand: alike beside alike.
//
// gzip looks back 32 KiB. A function that some generic code became for one type
// is much like the one for the next; side by side they take an eighth less.
// wasm-opt can sort by name, so the names say where to stand while it does.

import { byLikeness } from "./likeness.mjs";
import { sections, leb128, written } from "./wasm.mjs";

const IMPORTS = 2;
const CODE = 10;
const CUSTOM = 0;
const FUNCTION_NAMES = 1;

/** The module with names to sort by: a function's place, then its own name. What is imported stands before all others. */
export function withSortableNames(wasm) {
  const { imported, bodies } = functions(wasm);
  const places = new Map(byLikeness(bodies).map((body, place) => [imported + body, place + 1]));
  return renamed(wasm, (name, index) => `${String(places.get(index) ?? 0).padStart(6, "0")}\n${name}`);
}

/** The same module with the names it had. */
export const withOwnNames = (wasm) => renamed(wasm, (name) => name.slice(name.indexOf("\n") + 1));

/** How many functions are imported, which an index counts first, and the bodies of the others. */
function functions(wasm) {
  let imported = 0;
  const bodies = [];
  for (const { id, start } of sections(wasm)) {
    if (id === IMPORTS) imported = importedFunctions(wasm, start);
    if (id !== CODE) continue;
    let [count, at] = leb128(wasm, start);
    for (; count > 0; count -= 1) {
      const [length, body] = leb128(wasm, at);
      at = body + length;
      bodies.push(wasm.subarray(body, at));
    }
  }
  return { imported, bodies };
}

/** What stands after an import's kind: a function's type is one number; the others have limits, or two bytes and no more. */
function importedFunctions(wasm, start) {
  let [count, at] = leb128(wasm, start);
  let functions = 0;
  const skip = () => ([, at] = leb128(wasm, at));
  for (; count > 0; count -= 1) {
    for (const _ of ["module", "name"]) {
      const [length, text] = leb128(wasm, at);
      at = text + length;
    }
    const kind = wasm[at];
    at += 1;
    if (kind === 0) functions += 1;
    if (kind === 1 || kind === 4) at += 1;
    if (kind === 3) at += 2;
    else if (kind === 1 || kind === 2) {
      const hasMaximum = wasm[at] & 1;
      at += 1;
      skip();
      if (hasMaximum) skip();
    } else skip();
  }
  return functions;
}

function renamed(wasm, rename) {
  const parts = [wasm.subarray(0, 8)];
  for (const { id, start, end, whole, name } of sections(wasm)) {
    if (id !== CUSTOM || name !== "name") {
      parts.push(whole);
      continue;
    }
    const body = [written(Buffer.from("name").length), Buffer.from("name")];
    for (let at = start + 5; at < end; ) {
      const [size, inner] = leb128(wasm, at + 1);
      const own = wasm[at] === FUNCTION_NAMES ? renamedFunctions(wasm, inner, rename) : wasm.subarray(inner, inner + size);
      body.push(Buffer.from([wasm[at]]), written(own.length), own);
      at = inner + size;
    }
    const content = Buffer.concat(body);
    parts.push(Buffer.from([CUSTOM]), written(content.length), content);
  }
  return Buffer.concat(parts);
}

function renamedFunctions(wasm, start, rename) {
  let [count, at] = leb128(wasm, start);
  const parts = [written(count)];
  for (; count > 0; count -= 1) {
    const [index, afterIndex] = leb128(wasm, at);
    const [length, text] = leb128(wasm, afterIndex);
    const name = Buffer.from(rename(wasm.toString("utf8", text, text + length), index));
    parts.push(written(index), written(name.length), name);
    at = text + length;
  }
  return Buffer.concat(parts);
}
