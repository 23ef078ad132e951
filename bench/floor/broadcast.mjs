// What does workerd itself take to tell many sockets of one hibernating object the same?

import { DurableObject } from "cloudflare:workers";

/** One object: sockets come, sleep, and hear whatever is posted. */
export class Broadcast extends DurableObject {
  async fetch(request) {
    if (request.headers.get("upgrade") === "websocket") {
      const [client, server] = Object.values(new WebSocketPair());
      this.ctx.acceptWebSocket(server);
      return new Response(null, { status: 101, webSocket: client });
    }
    const frame = await request.text();
    for (const socket of this.ctx.getWebSockets()) socket.send(frame);
    return new Response("told");
  }

  webSocketMessage() {}
  webSocketClose() {}
}

export default {
  fetch(request, env) {
    if (new URL(request.url).pathname === "/healthz") return new Response("well");
    return env.BROADCAST.get(env.BROADCAST.idFromName("one")).fetch(request);
  },
};
