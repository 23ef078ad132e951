// `npm run build [-- --variant release|test]`: the Worker from Rust.

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { local } from "./lib/places.mjs";
import { main, say, seconds, Stop } from "./lib/process.mjs";
import { build, variants } from "./lib/worker.mjs";

await main(async () => {
  const { values } = parseArgs({ options: { variant: { type: "string", default: "release" } } });
  if (!(values.variant in variants)) throw new Stop(`--variant is release or test, not ${values.variant}`);
  const began = Date.now();
  mkdirSync(local, { recursive: true });
  const { out } = await build(values.variant);
  say(`${out} is up to date (${seconds(began)})`);
});
