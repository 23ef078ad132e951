// How is a tenant asked at an address that its name does not resolve to?

import { Agent as PlainAgent, request as requestPlain } from "node:http";
import { Agent as SecureAgent, request as requestSecurely } from "node:https";
import { connect, type NetConnectOpts } from "node:net";
import { connect as connectSecurely } from "node:tls";

/** Larger than any document we read. */
const BODY_BYTES_MAX = 262_144;
/** A connection that nobody used for so long is closed. */
const IDLE_MS = 30_000;

/** Opens connections to `address` (`host:port`). Certificates are checked against the name all the same. */
export function openAt(address: string) {
  const { hostname, port } = new URL(`http://${address}`);
  const at: NetConnectOpts = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
  return ({ servername, tls }: { servername?: string; tls?: boolean }) =>
    tls ? connectSecurely({ ...at, servername: servername ?? "" }) : connect(at);
}

/** As much of `fetch` as we use, over connections to `address` that are kept. */
export function fetchAt(address: string): typeof fetch {
  const open = openAt(address);
  const plain = new PlainAgent({ keepAlive: true, timeout: IDLE_MS });
  const secure = new SecureAgent({ keepAlive: true, timeout: IDLE_MS });
  plain.createConnection = () => open({});
  secure.createConnection = ({ servername }) => open({ tls: true, servername: String(servername) });
  return (input, init = {}) => {
    const url = new URL(String(input));
    const tls = url.protocol === "https:";
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const request = (tls ? requestSecurely : requestPlain)(
      url,
      {
        method: init.method ?? "GET",
        headers: Object.fromEntries(new Headers(init.headers)),
        agent: tls ? secure : plain,
        ...(init.signal ? { signal: init.signal } : {}),
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on("data", (part: Buffer) => {
          size += part.length;
          if (size > BODY_BYTES_MAX) request.destroy(new Error("the answer is too long"));
          else parts.push(part);
        });
        response.on("error", reject);
        response.on("end", () => {
          const status = response.statusCode ?? 500;
          const headers = Object.entries(response.headersDistinct).flatMap(([name, values = []]) => values.map((value) => [name, value] as [string, string]));
          // A response of these has no body, and takes none.
          const body = [204, 205, 304].includes(status) ? null : Buffer.concat(parts);
          resolve(new Response(body, { status, headers }));
        });
      },
    );
    request.on("error", reject);
    request.end(init.body === undefined || init.body === null ? undefined : String(init.body));
    return promise;
  };
}
