// Where may secrets be sent, and how do they get there?

/**
 * Tokens and secrets must not travel in the clear, unless they stay on this machine.
 *
 * @throws {TypeError}
 */
export function checkIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || url.origin !== issuer) throw new TypeError("the issuer is not an origin: scheme, host and perhaps a port");
  const isLocal = /^(?:(?:[^.]+\.)*localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal)) {
    throw new TypeError("the issuer must be https, unless it is on this machine");
  }
}

/** The global `fetch`, or one that connects to `host:port` whatever a name resolves to; that one is of Node. */
export function fetchBy(connect: string | undefined): typeof fetch {
  if (connect === undefined) return (...request) => fetch(...request);
  const there = import("./fetch-at.ts").then(({ fetchAt }) => fetchAt(connect));
  // Whoever asks is told; nobody may ask before the program has ended.
  there.catch(() => {});
  return async (...request) => (await there)(...request);
}
