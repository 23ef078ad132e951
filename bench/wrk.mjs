// How one case is loaded, by wrk.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Stop } from "../scripts/lib/process.mjs";

const SCRIPT = fileURLToPath(new URL("load.lua", import.meta.url));

/** Enough that workerd never waits for the load, few enough that the queue is not what is measured. */
export const CONNECTIONS = 16;

/** Sends a case's requests for so long; answers requests a second and latencies in milliseconds. */
export async function load({ folder, name, url, host, authorization = "", lines, seconds }) {
  const file = join(folder, "requests");
  writeFileSync(file, [authorization, ...lines, ""].join("\n"), { mode: 0o600 });
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--timeout=5s", "-s", SCRIPT, "-H", `Host: ${host}`, url, "--", file];
  const { stdout } = await promisify(execFile)("wrk", args, { timeout: (seconds + 30) * 1_000 }).catch((error) => {
    throw new Stop(`wrk failed on ${name}: ${error.message}`);
  });
  const found = /^RESULT (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(stdout);
  if (!found) throw new Stop(`wrk said nothing of ${name}: ${stdout}`);
  const [requests, microseconds, p50, p99, broken] = found.slice(1).map(Number);
  if (broken > 0) throw new Stop(`${name}: ${broken} of ${requests} requests were refused or broken`);
  return { rate: requests / (microseconds / 1e6), p50: p50 / 1_000, p99: p99 / 1_000 };
}
