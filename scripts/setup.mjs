// `node scripts/setup.mjs [--browser] [--load]`: gets a bare machine ready for
// an npm script. Quick when nothing is missing; says what it installs.

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import * as debian from "./lib/debian.mjs";
import { installModules } from "./lib/modules.mjs";
import { installNative } from "./lib/native.mjs";
import { local } from "./lib/places.mjs";
import { main, say, seconds, which } from "./lib/process.mjs";
import { wasmNeeds, wasmToolchain } from "./lib/toolchain.mjs";
import { toolNeeds, wasmBindgen, workerBuild } from "./lib/tools.mjs";

const BROWSER = { packages: ["chromium", "chromium-driver"], why: "the browser tests" };
const LOAD = { packages: ["wrk"], why: "the load for the benchmarks" };

await main(async () => {
  const { values } = parseArgs({ options: { browser: { type: "boolean" }, load: { type: "boolean" } } });
  const began = Date.now();
  mkdirSync(local, { recursive: true });
  await installModules();
  await installNative();

  const needs = [...(await wasmNeeds()), ...toolNeeds()];
  const hasBrowser = which("chromium") && which("chromedriver") && !debian.unfinished(BROWSER.packages);
  if (values.browser && !hasBrowser) needs.push(BROWSER);
  if (values.load && !which("wrk")) needs.push(LOAD);
  await debian.install(needs);

  await wasmToolchain();
  await workerBuild();
  await wasmBindgen();
  say(`everything is set up (${seconds(began)})`);
});
