// What does a resource server know of its tenant's revocations, and since when?
//
// `Feed` is the client's side of the subprotocol `aero2.revocation.v1` as a
// state machine: frames and instants go in, frames and answers come out. It
// opens no socket, asks no clock and verifies no signature, so the same
// vectors hold it and its Rust twin to the same answers. Whatever goes wrong,
// its answer is "uncertain", never "good".

import { isAtOrAfter, isBeside, spell, type Cursor } from "./cursor.ts";
import { isNonce, parseFrame, type Part } from "./frame.ts";
import type { Facts, Revocation } from "./revocation.ts";
import { Revoked } from "./revoked.ts";
import { since, type Now } from "./time.ts";

export type { Facts, Revocation } from "./revocation.ts";
export type { Now } from "./time.ts";

/** Until the server says otherwise. */
const HEARTBEAT_MS = 25_000;
/** The server wants an acknowledgement at least this often, in events … */
const ACK_EVENTS = 32;
/** … and this long after an event. */
const ACK_DELAY_MS = 5_000;
/** More questions than one verifier asks at a time. */
const SYNCS_MAX = 16;
/** The first wait before reconnecting is below this; each next one doubles it … */
const BACKOFF_MS = 500;
/** … up to this. */
const BACKOFF_MS_MAX = 30_000;
/** Whoever came too often comes back after at least this. */
const LATER_MS = 15_000;

const CLOSE_PROTOCOL = 4400;
const CLOSE_TOKEN = 4401;
const CLOSE_FORBIDDEN = 4403;
const CLOSE_SILENT = 4408;
const CLOSE_TOO_OLD = 4410;
const CLOSE_TOO_MANY = 4429;

/** Bounds of the caller's choosing. */
export type Limits = {
  /**
   * The most revocations kept (100,000, some 20 MB). Beyond it those that
   * expire first are forgotten, and tokens that expire no later than they are
   * uncertain.
   */
  readonly entriesMax?: number | undefined;
  /** After so long without a sign of life knowledge is uncertain; the server's own figure counts when it is lower. */
  readonly maxStalenessMs?: number | undefined;
};

/** What is known of a token: `uncertain` when knowledge is too old or incomplete. */
export type Standing = "good" | "revoked" | "uncertain";

/** What to do for the feed. */
export type Output =
  /** Send this text frame. */
  | { readonly send: string }
  /** Close the socket with this code, then say so by `closed(undefined)`. */
  | { readonly close: number }
  /** The `sync` of this nonce is answered: everything the log had is taken in. */
  | { readonly synced: string }
  /** Connect anew after a random part of so many milliseconds. */
  | { readonly drain: number };

/** An event whose security event token is to be verified. */
export type Pending = { readonly set: string; readonly cursor: Cursor; readonly socket: number };

/** A frame is dealt with, or its token is to be verified and handed to `take` before the next frame. */
export type Received = { readonly outputs: Output[] } | { readonly verify: Pending };

/** What to do once a socket is closed: wait a random time between the two and connect, or never connect again. */
export type Reconnect =
  | { readonly atLeastMs: number; readonly belowMs: number; readonly freshToken: boolean }
  | { readonly stop: number };

type Phase =
  /** No socket. */
  | { at: "closed" }
  /** A socket, and no `hello` yet. */
  | { at: "greeting" }
  /** `start` was sent: what comes before the snapshot is in it. */
  | { at: "starting" }
  /**
   * `resume` was sent, or the snapshot is here: events, then `caught_up`. Live
   * events may come before the missed ones, so the cursor waits.
   */
  | { at: "replaying" }
  /** Some parts of a snapshot are here. */
  | { at: "resetting"; last: Part; staged: Revoked }
  /** Everything is here; the rest comes as it happens. */
  | { at: "live" };

/** What a resource server knows, and where it is in the protocol. */
export class Feed {
  readonly #entriesMax: number;
  readonly #stalenessMsMax: number;
  #phase: Phase = { at: "closed" };
  /** Counts sockets. */
  #socket = 0;
  /** Everything up to here has been taken in. */
  #cursor: Cursor | undefined;
  #revoked: Revoked;
  /** When all that the log had was last known to be here. */
  #fresh: Now | undefined;
  #heard: Now = { wallMs: 0, monoMs: 0 };
  #pinged: Now = { wallMs: 0, monoMs: 0 };
  #heartbeatMs = HEARTBEAT_MS;
  #stalenessMs = 0;
  #unacked = 0;
  #unackedSince: Now | undefined;
  #attempt = 0;
  /** Whether a security event token was refused since all was here. */
  #hasRefused = false;
  #nonces: string[] = [];

  /** Knows nothing yet. */
  constructor(limits: Limits = {}) {
    this.#entriesMax = limits.entriesMax ?? 100_000;
    this.#stalenessMsMax = limits.maxStalenessMs ?? Infinity;
    this.#revoked = new Revoked(this.#entriesMax);
  }

  /** What is known of a token whose signature and claims are good. */
  standing(token: Facts, now: Now): Standing {
    if (this.#revoked.includes(token)) return "revoked";
    return this.isCertain(now) && !this.#revoked.mayHaveForgotten(token) ? "good" : "uncertain";
  }

  /** Whether everything the log has is here, as of `max_staleness` ago at most. */
  isCertain(now: Now): boolean {
    const stalenessMs = Math.min(this.#stalenessMs, this.#stalenessMsMax);
    return this.#fresh !== undefined && since(now, this.#fresh) < stalenessMs;
  }

  /** Everything up to here has been taken in. */
  get cursor(): string | undefined {
    return this.#cursor && spell(this.#cursor);
  }

  /** How many revocations are kept. */
  get entries(): number {
    return this.#revoked.size;
  }

  /** Whether the socket is open and all that the log has is here. */
  get isLive(): boolean {
    return this.#phase.at === "live";
  }

  /** A socket has been opened. */
  opened(now: Now): void {
    this.#hangUp();
    this.#phase = { at: "greeting" };
    this.#heartbeatMs = HEARTBEAT_MS;
    this.#heard = now;
    this.#pinged = now;
  }

  /** A text frame has come. */
  receive(text: string, now: Now): Received {
    if (this.#phase.at === "closed") return { outputs: [] };
    const frame = parseFrame(text);
    if (!frame) return { outputs: this.#violated() };
    this.#hear(now);
    switch (frame.type) {
      case "pong":
      case "unknown":
        return { outputs: [] };
      case "hello":
        return { outputs: this.#greeted(frame.heartbeatS, frame.maxStalenessS) };
      case "reset":
        return { outputs: this.#reset(frame.part, frame.revoked, now) };
      case "event":
        if (this.#takesEventsOf(frame.cursor)) {
          return { verify: { set: frame.set, cursor: frame.cursor, socket: this.#socket } };
        }
        return { outputs: this.isLive ? this.#violated() : [] };
      case "caught_up":
        return { outputs: this.#caughtUp(frame.cursor, now) };
      case "synced":
        return { outputs: this.#synced(frame.nonce, frame.cursor) };
      case "drain":
        return { outputs: [{ drain: frame.afterMs }] };
    }
  }

  /**
   * The security event token of an event has been verified, or refused (`undefined`).
   *
   * One refused token is enough to drop the socket: either somebody else
   * speaks, or we cannot read what the tenant says. Nothing is certain until
   * the log has been read again from the last good record. A second one before
   * that will not be read however often it comes, its key having been withdrawn,
   * so the log is read anew: a snapshot needs no signature.
   */
  take(pending: Pending, revocation: Revocation | undefined, now: Now): Output[] {
    const phase = this.#phase;
    if (pending.socket !== this.#socket || phase.at === "closed") return [];
    if (!revocation) return this.#refused();
    if (phase.at === "resetting") phase.staged.take(revocation, now);
    if (phase.at === "live") {
      this.#unacked += 1;
      this.#unackedSince ??= now;
      this.#advance(pending.cursor);
    }
    this.#revoked.take(revocation, now);
    return this.#unacked >= ACK_EVENTS ? this.#ack() : [];
  }

  /** Time has passed: call it no later than `dueMs` says. */
  tick(now: Now): Output[] {
    this.#revoked.forget(now);
    if (this.#phase.at === "closed") return [];
    if (since(now, this.#heard) >= 2 * this.#heartbeatMs) {
      this.#hangUp();
      return [{ close: CLOSE_SILENT }];
    }
    const outputs: Output[] = [];
    if (since(now, this.#pinged) >= this.#heartbeatMs) {
      this.#pinged = now;
      outputs.push({ send: "ping" });
    }
    if (this.#unackedSince && since(now, this.#unackedSince) >= ACK_DELAY_MS) outputs.push(...this.#ack());
    return outputs;
  }

  /** How long until `tick` has something to do; `undefined` without a socket. */
  dueMs(now: Now): number | undefined {
    if (this.#phase.at === "closed") return undefined;
    const left = (afterMs: number, from: Now) => Math.max(0, afterMs - since(now, from));
    const ack = this.#unackedSince ? left(ACK_DELAY_MS, this.#unackedSince) : Infinity;
    return Math.min(left(2 * this.#heartbeatMs, this.#heard), left(this.#heartbeatMs, this.#pinged), ack);
  }

  /**
   * The socket has been closed, by either side, or could not be opened. What is
   * known stays, and grows old.
   *
   * `code` is the server's; `undefined` when the feed had asked for the
   * closing, and the other side merely echoes it.
   */
  closed(code: number | undefined): Reconnect {
    this.#hangUp();
    if (code === CLOSE_PROTOCOL || code === CLOSE_FORBIDDEN) return { stop: code };
    if (code === CLOSE_TOO_OLD) this.#cursor = undefined;
    const belowMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** Math.min(this.#attempt, 10));
    this.#attempt += 1;
    const freshToken = code === CLOSE_TOKEN;
    if (code === CLOSE_TOO_MANY) return { atLeastMs: LATER_MS, belowMs: BACKOFF_MS_MAX, freshToken };
    return { atLeastMs: 0, belowMs, freshToken };
  }

  /**
   * Asks the log itself whether it has anything later; the frame to send, or
   * `undefined` while there is no live socket, or too much is being asked already.
   */
  sync(nonce: string): string | undefined {
    if (!this.isLive || !isNonce(nonce) || this.#nonces.length >= SYNCS_MAX) return undefined;
    this.#nonces.push(nonce);
    return JSON.stringify({ type: "sync", nonce });
  }

  #hear(now: Now): void {
    this.#heard = now;
    if (this.isLive) this.#fresh = now;
  }

  #takesEventsOf(cursor: Cursor): boolean {
    switch (this.#phase.at) {
      case "closed":
      case "greeting":
      case "starting":
        return false;
      case "resetting":
        return isBeside(this.#phase.last.cursor, cursor);
      case "replaying":
      case "live":
        return isBeside(this.#cursor, cursor);
    }
  }

  #greeted(heartbeatS: number, maxStalenessS: number): Output[] {
    if (this.#phase.at !== "greeting") return this.#violated();
    this.#heartbeatMs = heartbeatS * 1_000;
    this.#stalenessMs = maxStalenessS * 1_000;
    const { cursor } = this;
    this.#phase = { at: cursor ? "replaying" : "starting" };
    return [{ send: JSON.stringify(cursor ? { type: "resume", cursor } : { type: "start" }) }];
  }

  #reset(part: Part, records: Revocation[], now: Now): Output[] {
    const staged = this.#stageFor(part);
    if (!staged) return this.#violated();
    for (const record of records) staged.take(record, now);
    if (part.part === part.parts) {
      this.#revoked = staged;
      this.#cursor = part.cursor;
      this.#phase = { at: "replaying" };
    } else {
      this.#phase = { at: "resetting", last: part, staged };
    }
    return [];
  }

  #stageFor(part: Part): Revoked | undefined {
    const phase = this.#phase;
    if (phase.at === "resetting") return follows(part, phase.last) ? phase.staged : undefined;
    const mayBegin = phase.at === "starting" || phase.at === "replaying" || phase.at === "live";
    return mayBegin && part.part === 1 ? new Revoked(this.#entriesMax) : undefined;
  }

  #caughtUp(cursor: Cursor, now: Now): Output[] {
    const mayCatchUp = this.#phase.at === "replaying" || this.isLive;
    if (!mayCatchUp || !isAtOrAfter(cursor, this.#cursor)) return this.#violated();
    this.#cursor = cursor;
    this.#phase = { at: "live" };
    this.#fresh = now;
    this.#attempt = 0;
    this.#hasRefused = false;
    return this.#ack();
  }

  #synced(nonce: string, cursor: Cursor): Output[] {
    if (!this.#nonces.includes(nonce)) return [];
    if (!this.#takesEventsOf(cursor)) return this.#violated();
    if (!this.isLive) return [];
    this.#nonces.splice(this.#nonces.indexOf(nonce), 1);
    this.#advance(cursor);
    return [{ synced: nonce }];
  }

  #advance(cursor: Cursor): void {
    if (isAtOrAfter(cursor, this.#cursor)) this.#cursor = cursor;
  }

  #ack(): Output[] {
    this.#unacked = 0;
    this.#unackedSince = undefined;
    const { cursor } = this;
    return cursor ? [{ send: JSON.stringify({ type: "ack", cursor }) }] : [];
  }

  /** The server broke the protocol: whatever it said, begin anew. */
  #violated(): Output[] {
    this.#cursor = undefined;
    return this.#dropped();
  }

  /** A record could not be verified: it may come again once, signed. */
  #refused(): Output[] {
    if (this.#hasRefused) this.#cursor = undefined;
    this.#hasRefused = true;
    return this.#dropped();
  }

  #dropped(): Output[] {
    this.#fresh = undefined;
    this.#hangUp();
    return [{ close: CLOSE_PROTOCOL }];
  }

  #hangUp(): void {
    this.#phase = { at: "closed" };
    this.#socket += 1;
    this.#unacked = 0;
    this.#unackedSince = undefined;
    this.#nonces = [];
  }
}

function follows(part: Part, before: Part): boolean {
  return spell(part.cursor) === spell(before.cursor) && part.parts === before.parts && part.part === before.part + 1;
}
