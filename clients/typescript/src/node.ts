// How is a tenant reached at an address that its name does not resolve to?

import { dialByWs, type Dial } from "./dial.ts";
import { fetchAt, openAt } from "./fetch-at.ts";

/**
 * Ways to reach a tenant that connect to `address` (`host:port`) whatever its
 * name resolves to; on Node. Certificates are checked against the name all the same.
 */
export async function reachAt(address: string): Promise<{ fetch: typeof fetch; dial: Dial }> {
  return { fetch: fetchAt(address), dial: await dialAt(address) };
}

/** Sockets to `address`. */
export async function dialAt(address: string): Promise<Dial> {
  const open = openAt(address);
  const over = (tls: boolean) => ({
    createConnection: ({ servername }: { servername?: string }) => open(servername === undefined ? { tls } : { tls, servername }),
  });
  const [plain, secure] = [await dialByWs(over(false)), await dialByWs(over(true))];
  return (url, ...rest) => (url.startsWith("wss:") ? secure : plain)(url, ...rest);
}
