// How the Worker is built, and when it does not need to be.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { buildAssets } from "./assets.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { local, npmBin, root } from "./places.mjs";
import { must, say, step, Stop } from "./process.mjs";
import { wasmToolchain } from "./toolchain.mjs";
import { wasmBindgen, workerBuild } from "./tools.mjs";
import { withPlainEntry } from "./entry.mjs";
import { withOwnNames, withSortableNames } from "./order.mjs";
import { withoutNames } from "./wasm.mjs";

/** DESIGN: a Worker that starts fast is small; Cloudflare's free plan stops at 3 MB. */
const GZIPPED_MAX = 1_000_000;

/** Everything a build is made of, beside the compiler. */
const INPUTS = [
  "Cargo.toml",
  "Cargo.lock",
  "askama.toml",
  "assets",
  "migrations",
  "scripts/lib/entry.mjs",
  "scripts/lib/likeness.mjs",
  "scripts/lib/order.mjs",
  "scripts/lib/wasm.mjs",
  "scripts/lib/worker.mjs",
  "src",
  "templates",
];

/**
 * The two builds: what is deployed, and the one whose actors a test can make panic.
 *
 * Only the first is `small`. That takes minutes of one core, and what it may
 * break is seen where it is deployed: the flows run on the first.
 */
export const variants = {
  release: { out: join(root, "build"), small: true, features: [], objects: [] },
  test: {
    out: join(local, "worker-test"),
    small: false,
    features: ["test-hooks"],
    objects: [{ name: "PROBE", class_name: "ProbeObject" }],
  },
};

const cargoHome = process.env.CARGO_HOME || join(homedir(), ".cargo");

/** Where a variant's stamp lies: beside its folder, which worker-build empties. */
const stampOf = (name) => join(local, `built-${name}`);

/** Where a variant's Wasm lies with the names of its functions: for profiles. */
export const namedOf = (name) => join(local, `named-${name}.wasm`);

/** Builds a variant, and the files beside it, unless the sources are those they were built from. */
export async function build(name) {
  const variant = variants[name];
  await buildAssets();
  const toolchain = await wasmToolchain();
  const stamp = fingerprint(INPUTS, toolchain.name);
  const main = join(variant.out, "index.js");
  if (existsSync(main) && existsSync(stampOf(name)) && readFileSync(stampOf(name), "utf8") === stamp) return variant;

  const env = {
    ...toolchain.env,
    // A library that sorts and formats in few bytes, and no text for `{:?}`, which only tests print: 25 kB of 1,100.
    // What a panic says names crates, not folders of whoever built. Rust 1.97 begins to encode exceptions with
    // try_table, which takes an eighth more: Debian's compiler may be that one any day.
    CARGO_UNSTABLE_BUILD_STD_FEATURES: "optimize_for_size",
    RUSTFLAGS: [
      process.env.RUSTFLAGS,
      "-Zfmt-debug=none",
      "-Zpanic-in-drop=abort", // docs/adr/0018
      "-Cllvm-args=-wasm-use-legacy-eh=true",
      `--remap-path-prefix=${cargoHome}/registry/src=`,
      `--remap-path-prefix=${toolchain.source}=`,
    ].filter(Boolean).join(" "),
    WASM_BINDGEN_BIN: await wasmBindgen(),
    WASM_OPT_BIN: npmBin("wasm-opt"),
    ESBUILD_BIN: npmBin("esbuild"),
  };
  const args = ["--release", "--panic-unwind", "--out-dir", relative(root, variant.out)];
  if (!variant.small) args.push("--no-opt");
  if (variant.features.length) args.push("--", "--features", variant.features.join(","));
  const program = await workerBuild();
  rmSync(stampOf(name), { force: true });
  await step(`building the Worker (${name}, ${toolchain.name}; 2 minutes when cold)`, () => must(program, args, { env }));
  writeFileSync(main, withPlainEntry(readFileSync(main, "utf8")));
  if (variant.small) await order(variant);
  shrink(name, variant);
  writeFileSync(stampOf(name), stamp);
  return variant;
}

/** Puts functions that are alike beside each other. */
async function order({ out }) {
  const path = join(out, "index_bg.wasm");
  writeFileSync(path, withSortableNames(readFileSync(path)));
  await must(npmBin("wasm-opt"), ["--debuginfo", "--reorder-functions-by-name", path, "--output", path], {});
  writeFileSync(path, withOwnNames(readFileSync(path)));
}

/** Leaves out what nobody runs, and refuses to deploy what is too large all the same. */
function shrink(name, { out, small }) {
  const path = join(out, "index_bg.wasm");
  const named = readFileSync(path);
  writeFileSync(namedOf(name), named);
  const wasm = withoutNames(named);
  writeFileSync(path, wasm);
  const gzipped = gzipSync(wasm, { level: 9 }).length;
  say(`the Wasm has ${gzipped.toLocaleString("en")} bytes gzipped, ${wasm.length.toLocaleString("en")} plain`);
  if (gzipped > GZIPPED_MAX && small) {
    throw new Stop(`the Wasm has ${gzipped} bytes gzipped; ${GZIPPED_MAX} is the most`);
  }
}
