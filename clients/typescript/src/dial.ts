// How is the feed's socket opened, where sockets differ?

/** Larger than any part of a snapshot. */
const MESSAGE_BYTES_MAX = 1_048_576;
/** Nothing we open takes longer. */
const TIMEOUT_MS = 10_000;

/** An open socket, or one that is being opened. */
export type Socket = {
  send(text: string): void;
  /** Says goodbye, and does not wait for an answer. */
  close(code: number): void;
};

/** What a socket tells. After `closed` it tells nothing more. */
export type Listener = {
  opened(): void;
  /** A text frame; of a binary one, an empty text: as little of the protocol. */
  heard(text: string): void;
  /** With the server's close code, if it gave one. */
  closed(code: number | undefined): void;
};

/** Opens a socket at a `ws:` or `wss:` address, with these headers. */
export type Dial = (url: string, headers: Record<string, string>, protocol: string, listener: Listener) => Socket;

/** What a refused upgrade means, in the words of a socket that was closed. */
export function codeOf(status: number | undefined): number | undefined {
  return status !== undefined && [400, 401, 403, 429].includes(status) ? 4000 + status : undefined;
}

/** By the package `ws`: Node, Bun and Deno. */
export async function dialByWs(options: object = {}): Promise<Dial> {
  const { WebSocket } = await import("ws");
  return (url, headers, protocol, listener) => {
    const socket = new WebSocket(url, protocol, {
      headers,
      maxPayload: MESSAGE_BYTES_MAX,
      handshakeTimeout: TIMEOUT_MS,
      perMessageDeflate: false,
      followRedirects: false,
      ...options,
    });
    let refused: number | undefined;
    socket.on("open", () => listener.opened());
    socket.on("message", (data, isBinary) => listener.heard(isBinary ? "" : data.toString()));
    socket.on("unexpected-response", (_, response) => {
      refused = codeOf(response.statusCode);
      socket.terminate();
    });
    // Whatever went wrong, the socket closes next.
    socket.on("error", () => {});
    socket.on("close", (code) => listener.closed(refused ?? code));
    return {
      send: (text) => socket.send(text, () => {}),
      close: (code) => {
        socket.close(code);
        setTimeout(() => socket.terminate(), 1_000).unref?.();
      },
    };
  };
}

type WorkersSocket = WebSocket & { accept(): void };

/** By `fetch`, on Cloudflare Workers, whose own sockets send no headers. */
export function dialByFetch(): Dial {
  return (url, headers, protocol, listener) => {
    let socket: WorkersSocket | undefined;
    let isOver = false;
    const over = (code: number | undefined) => {
      if (!isOver) listener.closed(code);
      isOver = true;
    };
    const open = async () => {
      const giveUp = new AbortController();
      const late = setTimeout(() => giveUp.abort(), TIMEOUT_MS);
      const opening = fetch(url.replace(/^ws/, "http"), {
        headers: { ...headers, Upgrade: "websocket", "Sec-WebSocket-Protocol": protocol },
        redirect: "manual",
        signal: giveUp.signal,
      });
      // Whatever aborts it later would break the open socket.
      const response = await opening.finally(() => clearTimeout(late));
      socket = (response as Response & { webSocket?: WorkersSocket }).webSocket;
      if (!socket || response.headers.get("Sec-WebSocket-Protocol") !== protocol) return over(codeOf(response.status));
      socket.accept();
      if (isOver) return socket.close(1000);
      socket.addEventListener("message", ({ data }) => listener.heard(typeof data === "string" ? data : ""));
      socket.addEventListener("close", ({ code }) => over(code));
      socket.addEventListener("error", () => over(undefined));
      listener.opened();
    };
    open().catch(() => over(undefined));
    return {
      send: (text) => socket?.send(text),
      close: (code) => {
        socket?.close(code);
        over(undefined);
      },
    };
  };
}

/** Whichever this runtime has. */
export async function dialHere(): Promise<Dial> {
  const isWorkers = globalThis.navigator?.userAgent === "Cloudflare-Workers";
  return isWorkers ? dialByFetch() : dialByWs();
}
