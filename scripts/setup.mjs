// `node scripts/setup.mjs [--browser] [--load]`: gets a bare machine ready for
// an npm script. Quick when nothing is missing; says what it installs.

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import * as debian from "./lib/debian.mjs";
import { installModules } from "./lib/modules.mjs";
import { installNative } from "./lib/native.mjs";
import { local } from "./lib/places.mjs";
import { main, say, seconds, which } from "./lib/process.mjs";
import { wasmToolchain } from "./lib/toolchain.mjs";
import { wasmBindgen, workerBuild } from "./lib/tools.mjs";

await main(async () => {
  const { values } = parseArgs({ options: { browser: { type: "boolean" }, load: { type: "boolean" } } });
  const began = Date.now();
  mkdirSync(local, { recursive: true });
  await installModules();
  await installNative();
  await wasmToolchain();
  await workerBuild();
  await wasmBindgen();
  if (values.browser && !(which("chromium") && which("chromedriver"))) {
    await debian.install(["chromium", "chromium-driver"], "the browser tests");
  }
  if (values.load && !which("wrk")) await debian.install(["wrk"], "the load for the benchmarks");
  say(`everything is set up (${seconds(began)})`);
});
