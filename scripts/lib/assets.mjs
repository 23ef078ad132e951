// The files that are deployed beside the Worker, and when they need not be made.

import { build as bundle } from "esbuild";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { fingerprint } from "./fingerprint.mjs";
import { local, root } from "./places.mjs";
import { say, seconds } from "./process.mjs";

/** The folder, which wrangler.json names too. */
export const assets = join(local, "assets");

/** Everything they are made of. */
const INPUTS = ["assets", "console", "docs/openapi.json", "package-lock.json", "scripts/lib/assets.mjs"];

/** The console with everything it needs: more would keep somebody on a slow line waiting. */
const CONSOLE_GZIPPED_MAX = 80_000;

/** Files as they are: the gateway gives them addresses that hold their hash. */
const PLAIN = ["assets/pages.css", "assets/submit.js"];

const stamp = join(local, "built-assets");

/** Makes them, unless the sources are those they were made of. */
export async function buildAssets() {
  const wanted = fingerprint(INPUTS);
  if (existsSync(stamp) && existsSync(assets) && readFileSync(stamp, "utf8") === wanted) return;
  const began = Date.now();
  // Made aside and moved into place: a server that looks meanwhile finds all of it.
  const draft = `${assets}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  for (const path of PLAIN) copyFileSync(join(root, path), join(draft, basename(path)));
  const description = JSON.parse(readFileSync(join(root, "docs/openapi.json"), "utf8"));
  writeFileSync(join(draft, "openapi.json"), JSON.stringify(description));
  const bytes = await buildConsole(draft, description);
  rmSync(stamp, { force: true });
  rmSync(assets, { recursive: true, force: true });
  mkdirSync(dirname(assets), { recursive: true });
  renameSync(draft, assets);
  writeFileSync(stamp, wanted);
  say(`the console has ${bytes.toLocaleString("en")} bytes of script and style, gzipped (built in ${seconds(began)})`);
}

/** The console's one script and one style sheet, each called by its contents, and the document that names them. */
async function buildConsole(folder, { components: { schemas } }) {
  const { metafile } = await bundle({
    absWorkingDir: root,
    entryPoints: { console: "console/src/main.tsx" },
    outdir: folder,
    entryNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    target: ["chrome111", "firefox115", "safari16.4"],
    // The names of events are the API's.
    define: { EVENTS: JSON.stringify(schemas.Act.properties.event.enum) },
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
  });
  const made = Object.keys(metafile.outputs).map((path) => basename(path));
  let document = readFileSync(join(root, "console/console.html"), "utf8");
  for (const name of made) document = document.replace(`/assets/console.${name.split(".").pop()}`, `/assets/${name}`);
  writeFileSync(join(folder, "console.html"), document);
  const bytes = made.reduce((total, name) => total + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length, 0);
  if (bytes > CONSOLE_GZIPPED_MAX) throw new Error(`the console has ${bytes} bytes gzipped; ${CONSOLE_GZIPPED_MAX} is the most`);
  return bytes;
}
