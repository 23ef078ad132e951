// `npm start [-- --port N --data DIR --secrets FILE --var NAME=VALUE]`: builds
// what changed and serves it on this machine until it is told to stop.

import { main, say, seconds, Stop } from "./lib/process.mjs";
import { options, serve } from "./lib/serving.mjs";
import { build } from "./lib/worker.mjs";

await main(async () => {
  const began = Date.now();
  const chosen = options();
  await build(chosen.variant);
  // A signal to npm ends the shell between npm and us and goes no further; without npm, whoever
  // started us may well have left on purpose.
  const untilParentEnds = process.env.npm_lifecycle_event !== undefined;
  await serve(chosen, async (server) => ready(server, began), { untilParentEnds });
});

/** Asks the platform for its own opinion, which also wakes what has to be awake, and says what to open. */
async function ready({ url, port }, began) {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(30_000) });
  if (response.status !== 200) throw new Stop(`/readyz answers ${response.status}: ${(await response.text()).slice(0, 500)}`);
  await response.arrayBuffer();
  say(`ready in ${seconds(began)}: open http://localhost:${port} (Ctrl-C stops it)`);
}
