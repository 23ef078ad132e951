// How is the feed's socket kept open?

import type { Dial, Socket } from "./dial.ts";
import type { Feed, Output, Pending, Revocation } from "./feed.ts";
import type { Tenant } from "./tenant.ts";
import { clock } from "./time.ts";

const PATH = "/v1/revocations/events";
const SUBPROTOCOL = "aero2.revocation.v1";
/** We leave because the server drains, or because nobody verifies any more. */
const CLOSE_NORMAL = 1000;
/** More frames than the server sends without an acknowledgement. */
const QUEUE_MAX = 4_096;
/** The log answers sooner, or not at all. */
const SYNC_MS_MAX = 10_000;

type Asker = { settle: () => void; fail: (why: Error) => void };

export type FollowerOptions = {
  readonly feed: Feed;
  readonly tenant: Tenant;
  readonly issuer: string;
  readonly dial: () => Promise<Dial>;
  /** The record of an event, if the tenant signed it. */
  readonly verify: (pending: Pending) => Promise<Revocation | undefined>;
};

/** Keeps the feed connected until the server will not have us. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #feed: Feed;
  readonly #waiting = new Set<Asker>();
  readonly #askers = new Map<string, Asker>();
  #connection: Connection | undefined;
  #reconnecting: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** The close code after which there will be no further attempt. */
  stopped: number | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#feed = options.feed;
    void this.#connect(false);
  }

  /** Waits until the feed is connected and up to date. */
  live(): Promise<void> {
    if (this.#feed.isLive) return Promise.resolve();
    if (this.#isClosed || this.stopped !== undefined) return Promise.reject(this.#gone());
    return new Promise((settle, fail) => this.#waiting.add({ settle, fail }));
  }

  /** Waits until the log itself has answered that nothing is missing. */
  sync(): Promise<void> {
    const nonce = crypto.randomUUID();
    const frame = this.#feed.sync(nonce);
    if (frame === undefined || !this.#connection) return Promise.reject(this.#gone());
    this.#connection.socket?.send(frame);
    const { promise, resolve: settle, reject: fail } = Promise.withResolvers<void>();
    const late = setTimeout(() => fail(new Error("the log did not answer in time")), SYNC_MS_MAX);
    this.#askers.set(nonce, { settle, fail });
    return promise.finally(() => {
      clearTimeout(late);
      this.#askers.delete(nonce);
    });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reconnecting);
    this.#connection?.leave(CLOSE_NORMAL);
    this.#fail();
  }

  async #connect(isTokenSpent: boolean): Promise<void> {
    const { issuer, tenant, dial } = this.#options;
    try {
      const open = await dial();
      const token = await tenant.token(isTokenSpent);
      if (this.#isClosed) return;
      const connection = new Connection(this.#options, (output) => this.#act(output), (code) => this.#closed(code));
      this.#connection = connection;
      connection.socket = open(`${issuer.replace(/^http/, "ws")}${PATH}`, { Authorization: `Bearer ${token}` }, SUBPROTOCOL, connection);
    } catch {
      this.#closed(undefined);
    }
  }

  #act(output: Output): void {
    if ("synced" in output) this.#askers.get(output.synced)?.settle();
    if (!this.#feed.isLive) return;
    for (const { settle } of this.#waiting) settle();
    this.#waiting.clear();
  }

  /** With the server's close code; `"drained"` when we have waited already. */
  #closed(code: number | "drained" | undefined): void {
    this.#connection = undefined;
    const next = this.#feed.closed(code === "drained" ? undefined : code);
    for (const { fail } of this.#askers.values()) fail(this.#gone());
    if (this.#isClosed) return;
    if ("stop" in next) {
      this.stopped = next.stop;
      return this.#fail();
    }
    const isDrained = code === "drained";
    const waitMs = isDrained ? 0 : between(next.atLeastMs, next.belowMs);
    // Whoever was asked to leave may have been for its token.
    this.#reconnecting = setTimeout(() => void this.#connect(next.freshToken || isDrained), waitMs);
  }

  #fail(): void {
    for (const { fail } of [...this.#waiting, ...this.#askers.values()]) fail(this.#gone());
    this.#waiting.clear();
  }

  #gone(): Error {
    return new Error(this.stopped === undefined ? "the feed is not connected" : `the feed was refused with close code ${this.stopped}`);
  }
}

/** One socket. */
class Connection {
  readonly #options: FollowerOptions;
  readonly #feed: Feed;
  readonly #tell: (output: Output) => void;
  readonly #over: (code: number | "drained" | undefined) => void;
  readonly #queue: string[] = [];
  #isBusy = false;
  #isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drain: ReturnType<typeof setTimeout> | undefined;
  socket: Socket | undefined;

  constructor(options: FollowerOptions, tell: (output: Output) => void, over: (code: number | "drained" | undefined) => void) {
    this.#options = options;
    this.#feed = options.feed;
    this.#tell = tell;
    this.#over = over;
  }

  opened(): void {
    this.#feed.opened(clock());
    this.#schedule();
  }

  heard(text: string): void {
    if (this.#isOver) return;
    if (this.#queue.push(text) > QUEUE_MAX) return this.leave(CLOSE_NORMAL);
    void this.#work();
  }

  closed(code: number | undefined): void {
    this.#end(code);
  }

  leave(code: number, why?: "drained"): void {
    this.socket?.close(code);
    this.#end(why);
  }

  /** Deals with frames in the order they came, also when one has to wait for a key. */
  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let text = this.#queue.shift(); text !== undefined && !this.#isOver; text = this.#queue.shift()) {
      const received = this.#feed.receive(text, clock());
      if ("outputs" in received) {
        this.#act(received.outputs);
      } else {
        const revocation = await this.#options.verify(received.verify);
        if (!this.#isOver) this.#act(this.#feed.take(received.verify, revocation, clock()));
      }
    }
    this.#isBusy = false;
  }

  #act(outputs: Output[]): void {
    for (const output of outputs) {
      if ("send" in output) this.socket?.send(output.send);
      if ("drain" in output) this.#drain = setTimeout(() => this.leave(CLOSE_NORMAL, "drained"), between(0, output.drain));
      this.#tell(output);
      if ("close" in output) return this.leave(output.close);
    }
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const dueMs = this.#feed.dueMs(clock());
    if (dueMs !== undefined && !this.#isOver) this.#timer = setTimeout(() => this.#act(this.#feed.tick(clock())), Math.ceil(dueMs));
  }

  #end(code: number | "drained" | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#drain);
    this.#over(code);
  }
}

/** A random time from the one to just below the other. */
function between(atLeastMs: number, belowMs: number): number {
  return atLeastMs + Math.random() * (belowMs - atLeastMs);
}
