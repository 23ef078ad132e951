// What is left out of the Wasm that is deployed: the names of its functions.
//
// They are a third of the file and serve only stack traces; a panic says its
// file and line without them. worker-build has wasm-opt keep them.

const MAGIC_BYTES = 8;
const CUSTOM = 0;
const LEFT_OUT = new Set(["name", "producers"]);

/** The module without the custom sections that only people read. */
export function withoutNames(wasm) {
  const kept = [wasm.subarray(0, MAGIC_BYTES)];
  for (let at = MAGIC_BYTES; at < wasm.length; ) {
    const [size, body] = leb128(wasm, at + 1);
    if (wasm[at] !== CUSTOM || !LEFT_OUT.has(nameOf(wasm, body))) kept.push(wasm.subarray(at, body + size));
    at = body + size;
  }
  return Buffer.concat(kept);
}

function nameOf(wasm, at) {
  const [length, start] = leb128(wasm, at);
  return wasm.toString("utf8", start, start + length);
}

/** An unsigned LEB128 number, and where it ends. */
function leb128(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7, at += 1) {
    value += (bytes[at] & 0x7f) * 2 ** shift;
    if (bytes[at] < 0x80) return [value, at + 1];
  }
}
