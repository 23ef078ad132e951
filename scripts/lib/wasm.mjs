// What is left out of the Wasm that is deployed: the names of its functions.
//
// They are a third of the file and serve only stack traces; a panic says its
// file and line without them. worker-build has wasm-opt keep them.

const MAGIC_BYTES = 8;
const CUSTOM = 0;
const LEFT_OUT = new Set(["name", "producers"]);

/** The module without the custom sections that only people read. */
export function withoutNames(wasm) {
  const kept = [...sections(wasm)].filter(({ id, name }) => id !== CUSTOM || !LEFT_OUT.has(name));
  return Buffer.concat([wasm.subarray(0, MAGIC_BYTES), ...kept.map(({ whole }) => whole)]);
}

/** The sections of a module; a custom one has a name. */
export function* sections(wasm) {
  for (let at = MAGIC_BYTES; at < wasm.length; ) {
    const [size, start] = leb128(wasm, at + 1);
    const end = start + size;
    const id = wasm[at];
    yield { id, start, end, whole: wasm.subarray(at, end), name: id === CUSTOM ? nameOf(wasm, start) : null };
    at = end;
  }
}

function nameOf(wasm, at) {
  const [length, start] = leb128(wasm, at);
  return wasm.toString("utf8", start, start + length);
}

/** An unsigned LEB128 number, and where it ends. */
export function leb128(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7, at += 1) {
    value += (bytes[at] & 0x7f) * 2 ** shift;
    if (bytes[at] < 0x80) return [value, at + 1];
  }
}

/** A number as unsigned LEB128. */
export function written(number) {
  const bytes = [];
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}
