// Has the session of this page ended?
//
// The browser's side of the subprotocol `aero2.revocation.v1`: no
// dependencies, no build step. See README.md.

const SUBPROTOCOL = "aero2.revocation.v1";
const PATH = "/v1/sessions/events";

/** Until the server says otherwise. */
const HEARTBEAT_MS = 25_000;
const STALENESS_MS = 60_000;
/** How long a page that was woken waits for a sign of life before it connects anew. */
const PROBE_MS = 5_000;
/** The first wait before reconnecting is below this; each next one doubles it, up to the other. */
const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 30_000;
/** Whoever came too often comes back after at least this. */
const LATER_MS = 15_000;
/** Nobody who drains waits longer than ten minutes. */
const DRAIN_MS_MAX = 600_000;

/**
 * @typedef {object} Ended
 * @property {string} [reason] such as `signed_out` or `administrator`; absent when the server did not say
 * @property {number} [at] when, in seconds since the Unix epoch
 * @property {string} [txn] the transaction that ended it
 *
 * @typedef {object} Options
 * @property {string} [issuer] the tenant's origin; the page's own unless said
 * @property {() => Promise<string | null>} [ticket] for pages of another origin than the issuer's: a new ticket of
 *   `POST /v1/sessions/tickets`, asked for at every connection, or `null` when the session has ended
 * @property {(ended: Ended) => void} onEnded the session has ended: called once, and the last call
 * @property {() => void} [onLive] whatever ends the session from here on is told at once
 * @property {(code?: number) => void} [onUncertain] nothing was heard for too long; with a close code when the server
 *   will not have us, and nothing more will be heard
 *
 * @typedef {object} Watch
 * @property {() => void} close stops watching
 */

/**
 * Watches the session of this page until it has ended or `close` is called.
 *
 * @param {Options} options
 * @returns {Watch}
 */
export function watchSession(options) {
  const watching = new Watching(options);
  watching.connect();
  return { close: () => watching.finish() };
}

class Watching {
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {string | undefined} */
  #cursor;
  /** `waiting` to connect, `connecting`, `greeting` until caught up, `live`, `over`. */
  #phase = "waiting";
  #isCertain = false;
  #attempt = 0;
  #heartbeatMs = HEARTBEAT_MS;
  #stalenessMs = STALENESS_MS;
  #heardAt = 0;
  /** @type {Record<string, ReturnType<typeof setTimeout> | undefined>} */
  #timers = {};
  #options;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    for (const name of ["online", "pageshow"]) globalThis.addEventListener?.(name, this.#woken);
    globalThis.addEventListener?.("pagehide", this.#hidden);
    globalThis.document?.addEventListener("visibilitychange", this.#woken);
  }

  async connect() {
    this.#phase = "connecting";
    this.#heardAt = Date.now();
    const protocols = [SUBPROTOCOL];
    try {
      if (this.#options.ticket) {
        const ticket = await this.#options.ticket();
        if (this.#phase !== "connecting") return;
        if (ticket === null) return this.#ended({});
        protocols.push(`aero2.ticket.${ticket}`);
      }
      const origin = this.#options.issuer ?? globalThis.location.origin;
      this.#listen(new WebSocket(origin.replace(/^http/, "ws") + PATH, protocols));
    } catch {
      this.#closed(undefined);
    }
  }

  /** Stops for good. */
  finish() {
    this.#phase = "over";
    for (const name of Object.keys(this.#timers)) this.#stop(name);
    this.#leave();
    for (const name of ["online", "pageshow"]) globalThis.removeEventListener?.(name, this.#woken);
    globalThis.removeEventListener?.("pagehide", this.#hidden);
    globalThis.document?.removeEventListener("visibilitychange", this.#woken);
  }

  /** @param {WebSocket} socket */
  #listen(socket) {
    this.#socket = socket;
    // What an abandoned socket still says means nothing.
    const isOurs = () => this.#socket === socket;
    socket.onmessage = ({ data }) => void (isOurs() && this.#heard(data));
    socket.onclose = ({ code }) => void (isOurs() && this.#closed(code));
    this.#beat();
  }

  /** @param {unknown} data */
  #heard(data) {
    this.#heardAt = Date.now();
    this.#stop("probe");
    if (this.#phase === "live") this.#certain();
    if (data === "pong") return;
    const frame = parse(data);
    switch (frame?.type) {
      case "hello":
        this.#heartbeatMs = seconds(frame.heartbeat, 300) ?? HEARTBEAT_MS;
        this.#stalenessMs = seconds(frame.max_staleness, 3_600) ?? STALENESS_MS;
        this.#phase = "greeting";
        this.#send(this.#cursor === undefined ? { type: "start" } : { type: "resume", cursor: this.#cursor });
        this.#beat();
        break;
      case "event":
        if (frame.event?.kind === "session_ended") this.#ended(frame.event);
        break;
      case "caught_up":
        this.#cursor = frame.cursor;
        this.#phase = "live";
        this.#attempt = 0;
        this.#send({ type: "ack", cursor: frame.cursor });
        this.#certain();
        break;
      case "drain":
        this.#after("drain", Math.random() * Math.min(Number(frame.after_ms) || 0, DRAIN_MS_MAX), () => {
          this.#leave();
          this.connect();
        });
    }
  }

  /** @param {number | undefined} code */
  #closed(code) {
    this.#leave();
    if (this.#phase === "over") return;
    if (code === 4401) return this.#ended({});
    if (code === 4400 || code === 4403) {
      this.finish();
      return this.#options.onUncertain?.(code);
    }
    if (code === 4410) this.#cursor = undefined;
    this.#phase = "waiting";
    const below = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** Math.min(this.#attempt, 10));
    this.#attempt += 1;
    const wait = code === 4429 ? LATER_MS + Math.random() * (BACKOFF_MS_MAX - LATER_MS) : Math.random() * below;
    this.#after("connect", wait, () => this.connect());
  }

  /** @param {Ended} ended */
  #ended({ reason, at, txn }) {
    this.finish();
    this.#options.onEnded({ ...(reason && { reason }), ...(at && { at }), ...(txn && { txn }) });
  }

  /** Everything up to now is known. */
  #certain() {
    if (!this.#isCertain) this.#options.onLive?.();
    this.#isCertain = true;
    this.#after("stale", this.#stalenessMs, () => this.#doubt());
  }

  #doubt() {
    if (this.#isCertain) this.#options.onUncertain?.();
    this.#isCertain = false;
  }

  /** Asks for a sign of life, again and again; gives up after two without one. */
  #beat() {
    this.#after("beat", this.#heartbeatMs, () => {
      if (Date.now() - this.#heardAt >= 2 * this.#heartbeatMs) return this.#closed(undefined);
      this.#send("ping");
      this.#beat();
    });
  }

  #woken = () => {
    if (globalThis.document?.visibilityState === "hidden" || this.#phase === "over") return;
    if (this.#phase === "waiting") {
      this.#stop("connect");
      this.connect();
    } else if (this.#socket?.readyState === WebSocket.OPEN) {
      // The timers of a page that was frozen, or whose machine slept, are late.
      if (Date.now() - this.#heardAt >= this.#stalenessMs) this.#doubt();
      this.#send("ping");
      this.#after("probe", PROBE_MS, () => this.#closed(undefined));
    }
  };

  /** An open socket would keep the page out of the back/forward cache. */
  #hidden = () => {
    if (this.#phase === "over") return;
    this.#leave();
    this.#stop("connect");
    this.#phase = "waiting";
  };

  /** @param {object | "ping"} frame */
  #send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** Leaves the socket, if there is one, without listening to it any longer. */
  #leave() {
    const socket = this.#socket;
    this.#socket = undefined;
    for (const name of ["beat", "drain", "probe"]) this.#stop(name);
    socket?.close(1000);
  }

  /** @param {string} name @param {number} ms @param {() => void} work */
  #after(name, ms, work) {
    this.#stop(name);
    this.#timers[name] = setTimeout(work, ms);
  }

  /** @param {string} name */
  #stop(name) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = undefined;
  }
}

/** @param {unknown} data @returns {any} */
function parse(data) {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}

/** @param {unknown} value @param {number} max @returns {number | undefined} in milliseconds */
function seconds(value, max) {
  return typeof value === "number" && value >= 1 && value <= max ? value * 1_000 : undefined;
}
