// What `npm start` and the tests' server have in common: options in, a running workerd out.

import { parseArgs } from "node:util";
import { join } from "node:path";
import { local } from "./places.mjs";
import { Stop } from "./process.mjs";
import { devVars, ensureSecrets, readSecrets } from "./settings.mjs";
import { variants } from "./worker.mjs";
import { startWorkerd } from "./workerd.mjs";

/** How long requests under way may take once we are told to stop. */
const STOP_MS = 5_000;

/** Reads the command line. */
export function options() {
  const { values } = parseArgs({
    options: {
      variant: { type: "string", default: "release" },
      port: { type: "string", default: "8787" },
      data: { type: "string", default: join(local, "data") },
      secrets: { type: "string", default: devVars },
      isolates: { type: "string", default: "1" },
      var: { type: "string", multiple: true, default: [] },
      without: { type: "string", multiple: true, default: [] },
    },
  });
  if (!(values.variant in variants)) throw new Stop(`--variant is release or test, not ${values.variant}`);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Stop(`--port is a number up to 65535, not ${values.port}`);
  if (!["1", "2"].includes(values.isolates)) throw new Stop(`--isolates is 1 or 2, not ${values.isolates}`);
  const vars = values.var.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new Stop(`--var is NAME=value, not ${pair}`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return { ...values, port, isolates: Number(values.isolates), vars: Object.fromEntries(vars) };
}

/**
 * Serves until workerd ends or a signal ends it; `whenReady` is told of the start.
 *
 * `untilParentEnds` stops the server when the process that started us is gone,
 * which is how a test run that is killed leaves nothing behind.
 */
export async function serve({ variant, port, data, secrets, isolates, vars, without }, whenReady, { untilParentEnds }) {
  ensureSecrets(secrets);
  const settings = { ...readSecrets(secrets), ...vars };
  const server = await startWorkerd({ variant, port, data, settings, isolates, without });

  let told = false;
  const end = () => {
    told = true;
    server.stop(STOP_MS);
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  const parent = process.ppid;
  const watch = untilParentEnds && setInterval(() => process.ppid === parent || end(), 250);

  try {
    await whenReady(server);
  } catch (error) {
    await server.stop(0);
    clearInterval(watch);
    throw error;
  }
  const { code, signal } = await server.ended;
  clearInterval(watch);
  if (told) return;
  throw new Stop(`workerd ended by itself (${signal ?? `exit code ${code}`})`);
}
