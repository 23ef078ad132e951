// How does a view hear of what happens, as it happens?
//
// One socket for each feed, however many views listen. It comes back by itself: at once when its token expired, and else
// after a wait that doubles, drawn at random so that consoles do not come back all together.

/** The first wait, and the longest. */
const WAIT_MS = 500;
const WAIT_MS_MAX = 30_000;
/** How often to ask whether somebody is still there, and how long to wait for that. */
const PING_MS = 25_000;
const PONG_MS = 10_000;
/** What a server closes with when the token has expired. */
const EXPIRED = 4401;

export const PROTOCOL = "aero2.live.v1";

export type Frame = { type: string } & Record<string, unknown>;
export type Status = "connecting" | "live" | "reconnecting";

/** What the browser lends: a test lends its own. */
export interface Line {
  open(url: string, protocols: string[]): WebSocket;
  token(): Promise<string>;
  /** Forgets the token at hand: it has expired. */
  expire(): void;
  after(ms: number, then: () => void): () => void;
  random(): number;
}

/** How long to wait before the next try, after so many that failed. */
export function waitOf(tries: number, random: number): number {
  const most = Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** tries);
  return most / 2 + (most / 2) * random;
}

export class Feed {
  status: Status = "connecting";
  onFrame: (frame: Frame) => void = () => {};
  /** Told of every change of [`status`]. */
  onStatus: (status: Status) => void = () => {};
  #line: Line;
  #url: string;
  #socket: WebSocket | undefined;
  #tries = 0;
  #isClosed = false;
  #unwait: () => void = () => {};
  /** Stops waiting to ask, or for the answer. */
  #unbeat: () => void = () => {};

  constructor(line: Line, url: string) {
    this.#line = line;
    this.#url = url;
  }

  async open(): Promise<void> {
    let token: string;
    try {
      token = await this.#line.token();
    } catch {
      return this.#again();
    }
    if (this.#isClosed) return;
    const socket = this.#line.open(this.#url, [PROTOCOL, `bearer.${token}`]);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(String(data));
    socket.onclose = ({ code }) => {
      this.#unbeat();
      if (code === EXPIRED) {
        this.#line.expire();
        this.#tries = 0;
      }
      this.#again(code === EXPIRED ? 0 : undefined);
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#unwait();
    this.#drop();
  }

  #drop(): void {
    this.#unbeat();
    if (!this.#socket) return;
    this.#socket.onclose = null;
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#socket = undefined;
  }

  /** A line that was cut says nothing, not even that: so it is asked. */
  #beat(): void {
    this.#unbeat();
    this.#unbeat = this.#line.after(PING_MS, () => {
      this.#socket?.send("ping");
      this.#unbeat = this.#line.after(PONG_MS, () => {
        this.#drop();
        this.#again();
      });
    });
  }

  /** Tries now: the network is back, or the person is. */
  hurry(): void {
    if (this.#isClosed || this.status !== "reconnecting") return;
    this.#unwait();
    this.#tries = 0;
    void this.open();
  }

  #hear(text: string): void {
    this.#beat();
    if (text === "pong") return;
    const frame: Frame = JSON.parse(text);
    if (frame.type === "hello") {
      this.#tries = 0;
      this.#become("live");
    }
    this.onFrame(frame);
  }

  #again(wait?: number): void {
    this.#socket = undefined;
    if (this.#isClosed) return;
    this.#become("reconnecting");
    this.#unwait = this.#line.after(wait ?? waitOf(this.#tries++, this.#line.random()), () => void this.open());
  }

  #become(status: Status): void {
    if (this.status === status) return;
    this.status = status;
    this.onStatus(status);
  }
}
