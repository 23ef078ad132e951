// A tenant on this machine: what it answers is in the test's hands.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

export const AUDIENCE = "https://api.acme.example";

/** Long after any clock that runs this. */
const FAR = 4_000_000_000;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

export async function openTenant() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const state = { sets: [] as string[], refusesFeed: false, introspectsAs: true, drains: [] as number[], sockets: 0, keySetsRead: 0, tokens: 0 };
  /** The first frame on each socket. */
  const begun: string[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => {
    assert.match(request.headers.host ?? "", /^acme\.localhost:/);
    const [status, body] = answer(request.url);
    response.writeHead(status, { connection: "close" }).end(JSON.stringify(body));
  });
  server.on("upgrade", (request, stream, head) => {
    assert.equal(request.headers.authorization, "Bearer feed-token");
    if (state.refusesFeed) return void stream.end("HTTP/1.1 403 X\r\ncontent-length: 0\r\n\r\n");
    sockets.handleUpgrade(request, stream, head, (socket) => {
      state.sockets += 1;
      let seq = 0;
      const cursor = () => `epocha22.${seq}`;
      const say = (frame: object) => socket.send(JSON.stringify(frame));
      say({ type: "hello", cursor: cursor(), oldest: cursor(), heartbeat: 25, max_staleness: 60 });
      socket.on("message", (data) => {
        const frame = JSON.parse(data.toString());
        if (frame.type === "start" || frame.type === "resume") begun.push(frame.type);
        if (frame.type === "start") say({ type: "reset", cursor: cursor(), part: 1, parts: 1, revoked: [] });
        if (frame.type === "start") say({ type: "caught_up", cursor: cursor() });
        if (frame.type === "resume") say({ type: "caught_up", cursor: frame.cursor });
        if (frame.type !== "sync") return;
        for (const set of state.sets.splice(0)) {
          seq += 1;
          say({ type: "event", cursor: cursor(), set });
        }
        say({ type: "synced", nonce: frame.nonce, cursor: cursor() });
        for (const after_ms of state.drains.splice(0)) say({ type: "drain", after_ms });
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  // A name that does not resolve: everybody has to be told where it is.
  const issuer = `http://acme.localhost:${port}`;

  function answer(path: string | undefined): [number, object] {
    switch (path) {
      case "/.well-known/openid-configuration":
        return [
          200,
          { issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token`, introspection_endpoint: `${issuer}/introspect` },
        ];
      case "/jwks":
        state.keySetsRead += 1;
        return [200, { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one" }] }];
      case "/token":
        state.tokens += 1;
        return [200, { access_token: "feed-token", expires_in: 300 }];
      case "/introspect":
        return [200, { active: state.introspectsAs }];
      default:
        return [404, {}];
    }
  }

  function signed(typ: string, kid: string, claims: object): string {
    const input = `${part({ alg: "EdDSA", typ, kid })}.${part({ iss: issuer, iat: 1, ...claims })}`;
    return `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
  }

  return {
    issuer,
    address: `127.0.0.1:${port}`,
    state,
    begun,
    token: (sid: string, kid = "one") =>
      signed("at+jwt", kid, { aud: AUDIENCE, sub: "usr_0alice", client_id: "app", scope: "orders.read", jti: "gra_1.t1", sid, exp: FAR }),
    /** The security event token that ends a session. */
    ended: (sid: string) =>
      signed("secevent+jwt", "one", {
        aud: issuer,
        jti: "evt_1",
        txn: "txn_1",
        events: { "urn:aero2:event:revoked": { kind: "sessions", sids: [sid], exp: FAR } },
      }),
    close() {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}
