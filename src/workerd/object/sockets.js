// What is done with many sockets at once, without a crossing into the Wasm for each.

/** Sends every socket with a tag the same frame. One that is broken stops nobody: its end is told by itself. */
export function broadcast(state, tag, frame) {
  for (const socket of state.getWebSockets(tag)) {
    try {
      socket.send(frame);
    } catch {
      // It is closing.
    }
  }
}

/** How many sockets are open; with this tag, if one is given. */
export function countOpen(state, tag) {
  let open = 0;
  for (const socket of state.getWebSockets(tag)) {
    if (socket.readyState === WebSocket.OPEN) open += 1;
  }
  return open;
}
