// The line between a verifier and its tenant: what goes over it can be seen, and its sockets can be cut.

import { once } from "node:events";
import { connect, createServer } from "node:net";

const OPCODE_TEXT = 1;

export class Link {
  /** Paths that were asked for, upgrades among them, in order. */
  requests = [];
  /** The types of the frames the verifier sent; `|` where a socket was opened. */
  said = [];
  #isCut = false;
  #lines = new Set();
  #open = new Set();
  #server;
  #port;

  /** A line to a port of this machine. */
  static async to(port) {
    const link = new Link();
    link.#port = port;
    link.#server = createServer((near) => link.#join(near)).listen(0, "127.0.0.1");
    await once(link.#server, "listening");
    return link;
  }

  /** What to connect to instead. */
  get address() {
    return `127.0.0.1:${this.#server.address().port}`;
  }

  /** Sockets break, and no other opens; requests still pass. */
  cut() {
    this.#isCut = true;
    for (const near of this.#open) near.destroy();
  }

  mend() {
    this.#isCut = false;
  }

  close() {
    this.#server.close();
    for (const near of this.#lines) near.destroy();
  }

  #join(near) {
    this.#lines.add(near);
    near.on("close", () => this.#lines.delete(near));
    const far = connect(this.#port, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
    let frames;
    near.on("data", (bytes) => {
      if (frames) return frames(bytes);
      const head = bytes.toString("latin1");
      const path = /^[A-Z]+ (\S+) HTTP/.exec(head)?.[1];
      if (path) this.requests.push(path);
      if (this.#isCut && /^upgrade: websocket\r$/im.test(head)) near.destroy();
    });
    far.on("data", (bytes) => {
      if (frames || !bytes.toString("latin1").startsWith("HTTP/1.1 101 ")) return;
      this.#open.add(near);
      near.on("close", () => this.#open.delete(near));
      this.said.push("|");
      frames = reader((text) => this.said.push(text === "ping" ? "ping" : JSON.parse(text).type));
    });
    near.pipe(far).pipe(near);
  }
}

/** Reads the text frames of a client (RFC 6455 §5.2), which masks them; ours are short and whole. */
function reader(tell) {
  let left = Buffer.alloc(0);
  return (bytes) => {
    left = Buffer.concat([left, bytes]);
    while (left.length >= 2) {
      const isLong = (left[1] & 127) === 126;
      const begin = isLong ? 8 : 6;
      if (left.length < begin) return;
      const end = begin + (isLong ? left.readUInt16BE(2) : left[1] & 127);
      if (left.length < end) return;
      const mask = left.subarray(begin - 4, begin);
      const text = left.subarray(begin, end).map((byte, at) => byte ^ mask[at % 4]);
      if ((left[0] & 15) === OPCODE_TEXT) tell(text.toString());
      left = left.subarray(end);
    }
  };
}
