// What a wrangler-shaped configuration has no word for, put into it as workerd compiles it: a Cap'n Proto message
// (https://capnproto.org/encoding.html).
//
// Whom workerd may connect to: its default is public addresses only, and a test has its own; a service named `internet` is
// added. And where a request enters.

import { Stop } from "./process.mjs";

const WORD = 8;
const STRUCT = 0;
const LIST = 1;
const FAR = 2;
/** Sizes of list elements: bytes, pointers, and structs after a tag. */
const BYTES = 2;
const POINTERS = 6;
const COMPOSITE = 7;

/** In workerd.capnp: `Service.network`, and `TlsOptions.trustBrowserCas`; `Config.sockets`. */
const NETWORK = 2;
const SOCKETS = 1;
const TRUST_BROWSER_CAS = 0b10;

/** What follows our Worker's name in the name of the one that workerd puts before it. */
const ROUTER = "-assets";

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

/**
 * The same configuration, whose sockets lead to the Worker itself.
 *
 * With static files workerd puts a Worker of its own before ours, which asks ours first (`run_worker_first`) but takes a
 * tenth of the time of a request, and fails at what it cannot parse.
 */
export function withoutRouter(message) {
  const segments = read(message);
  const root = target(segments, 0, 0);
  const sockets = target(segments, root.segment, root.word + root.data + SOCKETS);
  if (sockets.type !== LIST || sockets.size !== COMPOSITE) throw new Stop("workerd's compiled configuration lists no sockets");
  const { data, pointers, offset: count } = pointer(segments[sockets.segment], sockets.word);
  for (let socket = 0; socket < count; socket++) {
    const at = sockets.word + 1 + socket * (data + pointers) + data;
    for (let word = at; word < at + pointers; word++) {
      const service = target(segments, sockets.segment, word);
      if (service.type === STRUCT && service.pointers > 0) shorten(segments, service.segment, service.word + service.data, ROUTER);
    }
  }
  return write(segments);
}

/** Takes an ending off a text, where it has it. */
function shorten(segments, segment, word, ending) {
  const text = target(segments, segment, word);
  if (text.type !== LIST || text.size !== BYTES) return;
  const bytes = segments[text.segment].subarray(text.word * WORD, text.word * WORD + text.count - 1);
  if (!bytes.toString().endsWith(ending)) return;
  bytes.fill(0, bytes.length - ending.length);
  const high = (((text.count - ending.length) << 3) | BYTES) >>> 0;
  segments[text.holder.segment].writeUInt32LE(high, text.holder.word * WORD + 4);
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
  return { low, high, type: low & 3, offset: low >> 2, data: high & 0xffff, pointers: high >>> 16, size: high & 7, count: high >>> 3 };
}

/** Where a pointer leads, what it says of it, and where it stands itself. */
function target(segments, segment, word) {
  const found = pointer(segments[segment], word);
  if (found.type !== FAR) return { ...found, segment, word: word + 1 + found.offset, holder: { segment, word } };
  const pad = found.low >>> 3;
  if ((found.low & 0b100) === 0) return target(segments, found.high, pad);
  const far = pointer(segments[found.high], pad);
  return { ...pointer(segments[found.high], pad + 1), segment: far.high, word: far.low >>> 3, holder: { segment: found.high, word: pad + 1 } };
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
