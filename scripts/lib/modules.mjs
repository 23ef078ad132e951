// Whether the npm dependencies are those of package-lock.json.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./places.mjs";
import { must, step } from "./process.mjs";

const stamp = join(root, "node_modules", ".aero2-lock");

/** Runs `npm ci` unless it ran for exactly this package-lock.json. */
export async function installModules() {
  const lock = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;

  // npm ci empties node_modules, so the node it runs on must not come from there.
  const path = process.env.PATH.split(delimiter).filter((folder) => !folder.includes("node_modules"));
  await step("installing the npm dependencies (about 500 MB, half a minute)", () =>
    must("npm", ["ci", "--loglevel=error"], { env: { ...process.env, PATH: path.join(delimiter) } }),
  );
  writeFileSync(stamp, lock);
}
