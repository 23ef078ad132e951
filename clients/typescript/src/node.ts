// How is a tenant reached at an address that its name does not resolve to?

import { request as requestPlain } from "node:http";
import { request as requestSecurely } from "node:https";
import { connect, type NetConnectOpts } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { dialByWs, type Dial } from "./dial.ts";

/** Larger than any document we read. */
const BODY_BYTES_MAX = 262_144;

/**
 * Ways to reach a tenant that connect to `address` (`host:port`) whatever its
 * name resolves to; on Node. Certificates are checked against the name all the same.
 */
export async function reachAt(address: string): Promise<{ fetch: typeof fetch; dial: Dial }> {
  const { hostname, port } = new URL(`http://${address}`);
  const at: NetConnectOpts = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
  const createConnection = ({ servername, tls }: { servername?: string; tls?: boolean }) =>
    tls ? connectSecurely({ ...at, servername: servername ?? "" }) : connect(at);
  return {
    fetch: (input, init) => fetchOver(createConnection, String(input), init ?? {}),
    dial: await dialOver(createConnection),
  };
}

type Connect = (options: { servername?: string; tls?: boolean }) => ReturnType<typeof connect>;

async function dialOver(open: Connect): Promise<Dial> {
  const over = (tls: boolean) => ({
    createConnection: ({ servername }: { servername?: string }) => open(servername === undefined ? { tls } : { tls, servername }),
  });
  const [plain, secure] = [await dialByWs(over(false)), await dialByWs(over(true))];
  return (url, ...rest) => (url.startsWith("wss:") ? secure : plain)(url, ...rest);
}

/** As much of `fetch` as the verifier uses. */
function fetchOver(open: Connect, spelled: string, init: RequestInit): Promise<Response> {
  const url = new URL(spelled);
  const tls = url.protocol === "https:";
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const request = (tls ? requestSecurely : requestPlain)(
    url,
    {
      method: init.method ?? "GET",
      headers: Object.fromEntries(new Headers(init.headers)),
      createConnection: () => open({ tls, servername: url.hostname }),
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
      response.on("end", () => resolve(new Response(Buffer.concat(parts), { status: response.statusCode ?? 500 })));
    },
  );
  request.on("error", reject);
  request.end(init.body === undefined || init.body === null ? undefined : String(init.body));
  return promise;
}
