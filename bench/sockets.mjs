// Many open sockets, and when a frame reaches each of them.

import WebSocket from "ws";
import { Stop } from "../scripts/lib/process.mjs";

/** Upgrades under way at a time: a storm of them is not what is measured here. */
const AT_ONCE = 100;

/** No frame is late by this much on any machine that is alive. */
const FRAME_MS_MAX = 30_000;

/** Opens one socket; resolves to it once `isReady` says so of a frame, or at once when there is nothing to wait for. */
export function open({ port, host, path, protocols = [], headers = {}, first, isReady }) {
  return new Promise((settle, fail) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers: { host, ...headers }, perMessageDeflate: false });
    socket.on("error", fail);
    socket.on("close", (code, reason) => fail(new Stop(`a socket was closed: ${code} ${reason}`)));
    socket.on("unexpected-response", (_, answer) => fail(new Stop(`an upgrade answers ${answer.statusCode}`)));
    socket.on("open", () => {
      if (first) socket.send(first);
      if (!isReady) settle(socket);
    });
    const listen = (frame) => {
      if (!isReady(String(frame))) return;
      socket.off("message", listen);
      settle(socket);
    };
    if (isReady) socket.on("message", listen);
  });
}

/** Opens as many as `make` is asked for. */
export async function openAll(count, make) {
  const sockets = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, (_, at) => make(sockets.length + at));
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

/**
 * Does something, and measures from asking for it to when every socket has had
 * its next frame that `counts`, in milliseconds. Not from the answer: that
 * reaches this process among the frames, and would flatter them.
 */
export async function reachAll(sockets, act, counts = () => true) {
  const at = [];
  const heard = new Promise((settle, fail) => {
    const timer = setTimeout(() => fail(new Stop(`${at.length} of ${sockets.length} sockets heard`)), FRAME_MS_MAX);
    for (const socket of sockets) {
      const listen = (frame) => {
        if (!counts(frame)) return;
        socket.off("message", listen);
        at.push(performance.now());
        if (at.length === sockets.length) {
          clearTimeout(timer);
          settle();
        }
      };
      socket.on("message", listen);
    }
  });
  const asked = performance.now();
  await Promise.all([act(), heard]);
  return { first: at[0] - asked, last: at.at(-1) - asked };
}

export function closeAll(sockets) {
  for (const socket of sockets) {
    socket.removeAllListeners();
    socket.on("error", () => {});
    socket.terminate();
  }
}
