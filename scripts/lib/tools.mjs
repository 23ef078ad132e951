// Which cargo tools the build needs, each built once per version and user.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import * as debian from "./debian.mjs";
import { nativeEnv } from "./native.mjs";
import { cache, root } from "./places.mjs";
import { run, say, step, Stop } from "./process.mjs";

/** Turns Rust into a Worker; goes with the `worker` crate of the same number. */
const WORKER_BUILD = { crate: "worker-build", version: lockedVersion("worker"), howLong: "about 2 minutes" };

/** Writes the JavaScript around the Wasm; refuses any crate version but its own. */
const WASM_BINDGEN = {
  crate: "wasm-bindgen-cli",
  version: lockedVersion("wasm-bindgen"),
  binary: "wasm-bindgen",
  howLong: "a minute",
};

export const workerBuild = () => tool(WORKER_BUILD);
export const wasmBindgen = () => tool(WASM_BINDGEN);

/** The Debian packages that the tools of every build need before they can be built. */
export const toolNeeds = () => (debian.isDebian() && ![WORKER_BUILD, WASM_BINDGEN].every(isBuilt) ? [BUILDING] : []);

/** Holds our dependencies to deny.toml; without the features that fetch, which none of our checks needs. */
export const cargoDeny = () =>
  tool({ crate: "cargo-deny", version: "0.20.2", howLong: "a minute", more: ["--no-default-features"] });

/** What building the tools needs beside Rust: a C compiler and linker, and OpenSSL for worker-build's downloads. */
const BUILDING = { packages: ["gcc", "libc6-dev", "make", "pkg-config", "libssl-dev"], why: "building the tools" };

/** The version Cargo.lock has of a crate. */
function lockedVersion(crate) {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  const found = lock.match(new RegExp(`\\nname = "${crate}"\\nversion = "([^"]+)"`));
  if (!found) throw new Stop(`Cargo.lock does not name ${crate}`);
  return found[1];
}

const homeOf = ({ crate, version }) => join(cache, "tools", `${crate}-${version}`);
const programOf = (one) => join(homeOf(one), "bin", one.binary ?? one.crate);
const isBuilt = (one) => existsSync(programOf(one));

/** The path of an installed tool, built from source on first need. */
async function tool(one) {
  const { crate, version, howLong, more = [] } = one;
  const home = homeOf(one);
  const program = programOf(one);
  if (isBuilt(one)) return program;

  if (debian.isDebian()) await debian.install([BUILDING]);
  await step(`building ${crate} ${version} (${howLong}, once for this user)`, async () => {
    // Made aside and moved into place, so that a broken-off build is never taken for a tool.
    const draft = `${home}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    await cargoInstall(crate, draft, ["--version", `=${version}`, "--bin", basename(program), ...more]);
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
    // The tools share most of their dependencies, and run for seconds: quick to build matters more, and half
    // of the time went into optimizing them.
    CARGO_TARGET_DIR: join(cache, "tools", "target"),
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
    CARGO_PROFILE_RELEASE_LTO: "off",
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  };
  if ((await run("cargo", [...args, "--locked"], { env })) === 0) return;
  // A registry that is behind may lack a version that the tool's own lock names.
  say(`${crate} was not built with its own lock file, see above: trying again with its dependencies resolved anew`);
  if ((await run("cargo", args, { env })) !== 0) throw new Stop(`cargo cannot build ${crate}, see above; what is built so far is kept for the next try`);
}
