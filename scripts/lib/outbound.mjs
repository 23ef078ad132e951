// Whom workerd may connect to. Its default is public addresses only, and a wrangler-shaped configuration has no word for
// anything else, so a test's own addresses are put into the configuration as workerd compiles it: a Cap'n Proto message
// (https://capnproto.org/encoding.html), to which a service named `internet` is added.

import { Stop } from "./process.mjs";

const WORD = 8;
const STRUCT = 0;
const LIST = 1;
const FAR = 2;
/** Sizes of list elements: bytes, pointers, and structs after a tag. */
const BYTES = 2;
const POINTERS = 6;
const COMPOSITE = 7;

/** In workerd.capnp: `Service.network`, and `TlsOptions.trustBrowserCas`. */
const NETWORK = 2;
const TRUST_BROWSER_CAS = 0b10;

/** The addresses in a list of `host:port`, as networks. */
export function networks(list) {
  const hosts = list.split(",").map((authority) => authority.split(":")[0]);
  return [...new Set(hosts)].filter((host) => /^[0-9.]+$/.test(host)).map((host) => `${host}/32`);
}

/** The same configuration, whose workers may also connect to `allowed`. */
export function withInternet(message, allowed) {
  const segments = read(message);
  const root = target(segments, 0, 0);
  const services = { segment: root.segment, word: root.word + root.data };
  const list = target(segments, services.segment, services.word);
  if (list.type !== LIST || list.size !== COMPOSITE) throw new Stop("workerd's compiled configuration lists no services");

  const tag = pointer(segments[list.segment], list.word);
  const { data, pointers, offset: count } = tag;
  const made = new Segment();
  const pad = made.take(1);
  const copy = made.take(1 + (count + 1) * (data + pointers));
  made.list(pad, copy, COMPOSITE, (count + 1) * (data + pointers));
  made.word(copy, ((count + 1) << 2) | STRUCT, data | (pointers << 16));
  for (let element = 0; element < count; element++) {
    const at = element * (data + pointers) + 1;
    for (let word = 0; word < data + pointers; word++) {
      const from = list.word + at + word;
      if (word < data) made.copy(copy + at + word, segments[list.segment], from);
      else made.refer(copy + at + word, segments, list.segment, from);
    }
  }
  const internet = copy + 1 + count * (data + pointers);
  made.word(internet, NETWORK, 0);
  made.text(internet + data, "internet");
  made.network(internet + data + 1, allowed);

  // The list lies in the new segment; whoever looks for it is sent there.
  segments[services.segment].writeUInt32LE((pad << 3) | FAR, services.word * WORD);
  segments[services.segment].writeUInt32LE(segments.length, services.word * WORD + 4);
  return write([...segments, made.bytes()]);
}

/** A segment in the making. Places are numbers of words. */
class Segment {
  words = [];

  take(count) {
    for (let taken = 0; taken < count; taken++) this.words.push([0, 0]);
    return this.words.length - count;
  }
  word(at, low, high) {
    this.words[at] = [low >>> 0, high >>> 0];
  }
  copy(at, segment, from) {
    this.word(at, segment.readUInt32LE(from * WORD), segment.readUInt32LE(from * WORD + 4));
  }
  struct(at, to, data, pointers) {
    this.word(at, ((to - at - 1) << 2) | STRUCT, data | (pointers << 16));
  }
  list(at, to, size, count) {
    this.word(at, ((to - at - 1) << 2) | LIST, size | (count << 3));
  }
  /** A pointer to what another segment's pointer leads to: twice removed, as its target lies elsewhere. */
  refer(at, segments, segment, from) {
    const { low, high, type } = pointer(segments[segment], from);
    if (type !== STRUCT && type !== LIST) return this.copy(at, segments[segment], from);
    if (low === 0 && high === 0) return;
    const pad = this.take(2);
    this.word(at, (pad << 3) | 0b100 | FAR, segments.length);
    this.word(pad, (target(segments, segment, from).word << 3) | FAR, segment);
    this.word(pad + 1, type, high);
  }
  text(at, text) {
    const bytes = Buffer.from(`${text}\0`);
    const to = this.take(Math.ceil(bytes.length / WORD));
    this.list(at, to, BYTES, bytes.length);
    const padded = Buffer.concat([bytes, Buffer.alloc(WORD)]);
    for (let word = 0; word * WORD < bytes.length; word++) this.copy(to + word, padded, word);
  }
  network(at, allowed) {
    const network = this.take(3); // allow, deny, tlsOptions
    this.struct(at, network, 0, 3);
    const all = ["public", ...allowed];
    const list = this.take(all.length);
    this.list(network, list, POINTERS, all.length);
    all.forEach((allow, index) => this.text(list + index, allow));
    const tls = this.take(1);
    this.struct(network + 2, tls, 1, 0);
    this.word(tls, TRUST_BROWSER_CAS, 0);
  }
  bytes() {
    const bytes = Buffer.alloc(this.words.length * WORD);
    this.words.flat().forEach((half, index) => bytes.writeUInt32LE(half, index * 4));
    return bytes;
  }
}

function pointer(segment, word) {
  const low = segment.readUInt32LE(word * WORD);
  const high = segment.readUInt32LE(word * WORD + 4);
  return { low, high, type: low & 3, offset: low >> 2, data: high & 0xffff, pointers: high >>> 16, size: high & 7 };
}

/** Where a pointer leads, and what it says of it. */
function target(segments, segment, word) {
  const found = pointer(segments[segment], word);
  if (found.type !== FAR) return { ...found, segment, word: word + 1 + found.offset };
  const pad = found.low >>> 3;
  if ((found.low & 0b100) === 0) return target(segments, found.high, pad);
  const far = pointer(segments[found.high], pad);
  return { ...pointer(segments[found.high], pad + 1), segment: far.high, word: far.low >>> 3 };
}

/** A message's segments, after a table of their sizes. */
function read(message) {
  const count = message.readUInt32LE(0) + 1;
  let at = Math.ceil((count + 1) / 2) * WORD;
  return Array.from({ length: count }, (_, index) => {
    const size = message.readUInt32LE(4 + index * 4) * WORD;
    at += size;
    return Buffer.from(message.subarray(at - size, at));
  });
}

function write(segments) {
  const table = Buffer.alloc(Math.ceil((segments.length + 1) / 2) * WORD);
  table.writeUInt32LE(segments.length - 1, 0);
  segments.forEach((segment, index) => table.writeUInt32LE(segment.length / WORD, 4 + index * 4));
  return Buffer.concat([table, ...segments]);
}
