// Which cargo tools the build needs, each built once per version and user.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import * as debian from "./debian.mjs";
import { nativeEnv } from "./native.mjs";
import { cache, root } from "./places.mjs";
import { run, say, step, Stop } from "./process.mjs";

/** Turns Rust into a Worker; goes with the `worker` crate of the same number. */
export const workerBuild = () => tool({ crate: "worker-build", version: lockedVersion("worker"), howLong: "about 3 minutes" });

/** Writes the JavaScript around the Wasm; refuses any crate version but its own. */
export const wasmBindgen = () =>
  tool({
    crate: "wasm-bindgen-cli",
    version: lockedVersion("wasm-bindgen"),
    binary: "wasm-bindgen",
    howLong: "about 2 minutes",
  });

/** Holds our dependencies to deny.toml; without the features that fetch, which none of our checks needs. */
export const cargoDeny = () =>
  tool({ crate: "cargo-deny", version: "0.20.2", howLong: "about 2 minutes", more: ["--no-default-features"] });

/** What building the tools needs beside Rust: a C compiler and linker, and OpenSSL for worker-build's downloads. */
const BUILD_PACKAGES = ["gcc", "libc6-dev", "make", "pkg-config", "libssl-dev"];

/** The version Cargo.lock has of a crate. */
function lockedVersion(crate) {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  const found = lock.match(new RegExp(`\\nname = "${crate}"\\nversion = "([^"]+)"`));
  if (!found) throw new Stop(`Cargo.lock does not name ${crate}`);
  return found[1];
}

/** The path of an installed tool, built from source on first need. */
async function tool({ crate, version, howLong, binary = crate, more = [] }) {
  const home = join(cache, "tools", `${crate}-${version}`);
  const program = join(home, "bin", binary);
  if (existsSync(program)) return program;

  if (debian.isDebian()) await debian.install(BUILD_PACKAGES, "needed to build tools");
  await step(`building ${crate} ${version} (${howLong}, once for this user)`, async () => {
    // Made aside and moved into place, so that a broken-off build is never taken for a tool.
    const draft = `${home}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    await cargoInstall(crate, draft, ["--version", `=${version}`, "--bin", binary, ...more]);
    rmSync(home, { recursive: true, force: true });
    renameSync(draft, home);
  });
  return program;
}

async function cargoInstall(crate, draft, options) {
  const args = ["install", crate, "--root", draft, ...options];
  const env = {
    ...nativeEnv(),
    // Or cargo advises to put the folder there, which is moved away in a moment.
    PATH: [join(draft, "bin"), process.env.PATH].join(delimiter),
    // The tools share most of their dependencies, and run for seconds: quick to build matters more.
    CARGO_TARGET_DIR: join(cache, "tools", "target"),
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
    CARGO_PROFILE_RELEASE_LTO: "off",
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  };
  if ((await run("cargo", [...args, "--locked"], { env })) === 0) return;
  // A registry that is behind may lack a version that the tool's own lock names.
  say(`${crate}'s own lock file cannot be used here; resolving its dependencies anew`);
  if ((await run("cargo", args, { env })) !== 0) throw new Stop(`cargo cannot build ${crate}`);
}
