// Which Rust compiler builds the Wasm.
//
// A Worker in which a panic stays a panic of one request needs a standard
// library built with panic=unwind, so a compiler that takes `-Z build-std` and
// has that library's source beside it. A release compiler takes that option
// when it is told to by RUSTC_BOOTSTRAP, and one release is wanted wherever it
// comes from: the size of the Wasm and clippy's lints are promises, and 1.97
// encodes exceptions in another way, which makes the Wasm an eighth larger. Two
// sources are known: rustup, into our own cache folder, and Debian's rustc-web.
//
// Whichever is here already is used, and nothing is asked of anybody. Where
// neither is, rustup goes first: it is what every user of Rust has, it needs no
// root and touches no folder but our cache. A network that is closed to it
// costs seconds and one line.

import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import * as debian from "./debian.mjs";
import { nativeCompiler } from "./native.mjs";
import { cache, npmEnv, wasmTarget } from "./places.mjs";
import { answer, attempt, say, seconds, Stop, which } from "./process.mjs";

/** The release that Debian had, too, when this was chosen. */
const RELEASE = "1.96.0";
const DEBIAN = {
  packages: ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"],
  why: "a Rust compiler with its library's source, for Wasm",
};

/** Our own home for rustup: the user's stays as it is. */
const rustupHome = join(cache, "rustup");

/** Where a compiler has its library's source. */
const SOURCE = "lib/rustlib/src/rust";

/** What rustup writes last into a toolchain. */
const FINISHED = "lib/rustlib/multirust-config.toml";

/** Long enough for 200 MB over a slow line. */
const DOWNLOAD_MS = 10 * 60_000;

/** A server that has said nothing for so long is not going to; rustup's own patience is three minutes, four times. */
const SILENCE_S = 20;

/** Finds a compiler for Wasm, installing one when there is none. */
export async function wasmToolchain() {
  const found = installed();
  if (found) return found;
  await debian.install(await wasmNeeds());
  const toolchain = installed();
  if (!toolchain) throw new Stop(`Debian's rustc-web is no Rust ${RELEASE} or newer with its source: upgrade or reinstall ${DEBIAN.packages.join(" ")}`);
  return toolchain;
}

/** The Debian packages without which there is no compiler for Wasm: none when one is here, or rustup could be asked for one. */
export async function wasmNeeds() {
  if (installed()) return [];
  const { mayRustup, mayDebian } = wanted();
  if (mayRustup) {
    const failure = await downloadRelease(nativeCompiler());
    if (!failure && installed()) return [];
    const why = `there is no Rust ${RELEASE} by rustup (${failure ?? "it lacks a component"})`;
    if (!mayDebian || !debian.isDebian()) throw new Stop(`${why}, and the Wasm is built with it`);
    say(`${why}: using Debian's compiler`);
  }
  return [DEBIAN];
}

/** The compiler that is here already, or null. */
function installed() {
  const { mayRustup, mayDebian } = wanted();
  const compiler = nativeCompiler();
  return (mayRustup && rustupToolchain(compiler)) || (mayDebian && debianToolchain(compiler)) || null;
}

/** Which of the two the user allows. */
function wanted() {
  const only = process.env.AERO2_WASM_TOOLCHAIN;
  if (only && only !== "rustup" && only !== "debian") {
    throw new Stop(`AERO2_WASM_TOOLCHAIN is «${only}»; it can be rustup or debian`);
  }
  return { mayRustup: only !== "debian", mayDebian: only !== "rustup" };
}

/** Where rustup puts it below one of its homes. */
const releaseIn = (home, { host }) => join(home, "toolchains", `${RELEASE}-${host}`);

function rustupToolchain(compiler) {
  for (const home of [rustupHome, process.env.RUSTUP_HOME || join(homedir(), ".rustup")]) {
    const sysroot = releaseIn(home, compiler);
    // A toolchain can be listed and yet lack the source, or clippy: both are components of their own.
    const parts = [`${SOURCE}/library/Cargo.toml`, "bin/cargo", "bin/cargo-clippy", FINISHED];
    if (!parts.every((part) => existsSync(join(sysroot, part)))) continue;
    return withShims(`rustup-${RELEASE}`, sysroot, {});
  }
  return null;
}

/** Asks rustup for the release; answers null, or why there is none. */
async function downloadRelease(compiler) {
  if (!which("rustup")) return "rustup is not installed";
  // Killed on the way, rustup leaves a folder that it can neither finish nor replace.
  rmSync(releaseIn(rustupHome, compiler), { recursive: true, force: true });
  const args = ["toolchain", "install", RELEASE, "--profile", "minimal"];
  args.push("--component", "rust-src", "--component", "clippy", "--no-self-update");
  const env = {
    ...process.env,
    RUSTUP_HOME: rustupHome,
    RUSTUP_MAX_RETRIES: "1",
    RUSTUP_DOWNLOAD_TIMEOUT: String(SILENCE_S),
    RUST_BACKTRACE: "0",
  };
  const began = Date.now();
  say(`asking rustup for Rust ${RELEASE} with the library's source (about 200 MB, a minute) …`);
  const failure = await attempt("rustup", args, { env, timeoutMs: DOWNLOAD_MS });
  if (!failure) say(`installed Rust ${RELEASE} into ${cache} in ${seconds(began)}`);
  return failure?.replace(/ to '.*/, ""); // rustup names the file it did not get to write
}

function debianToolchain({ sysroot, host }) {
  const source = join("/usr", SOURCE, "library/Cargo.toml");
  const tools = ["rustc", "cargo", "cargo-clippy"].map((name) => join("/usr/bin", name));
  if (![source, ...tools].every(existsSync) || debian.unfinished(DEBIAN.packages)) return null;
  const version = answer("/usr/bin/rustc", ["--version"])?.split(" ")[1];
  // Debian 12 began with an older one; security updates bring newer ones.
  if (!version || version.localeCompare(RELEASE, "en", { numeric: true }) < 0) return null;

  // Debian's compiler comes without a linker for Wasm; the native one has it.
  const linker = join(sysroot, "lib", "rustlib", host, "bin", "rust-lld");
  if (!existsSync(linker)) throw new Stop(`the native Rust toolchain has no rust-lld at ${linker}`);
  return withShims(`debian-${version}`, "/usr", {
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker,
  });
}

/**
 * Puts the compiler of `sysroot` where worker-build looks for `cargo +nightly`.
 *
 * worker-build asks rustup whether nightly has rust-src, and rustc whether the
 * target's library folder exists, although it then builds that library itself.
 * Programs first in PATH answer both and pass everything else on, so that no
 * folder of the system or of rustup needs to be touched.
 */
function withShims(name, sysroot, extra) {
  const folder = join(cache, "shims", name);
  const libraries = join(folder, "wasm32-unknown-unknown");
  mkdirSync(libraries, { recursive: true });
  const drop = 'case "$1" in +*) shift ;; esac';
  const pass = (tool) => `exec '${join(sysroot, "bin", tool)}' "$@"`;
  shim(folder, "cargo", [drop, pass("cargo")]);
  shim(folder, "cargo-clippy", [pass("cargo-clippy")]);
  shim(folder, "rustdoc", [drop, pass("rustdoc")]);
  shim(folder, "rustc", [
    drop,
    `if [ "$*" = "--target wasm32-unknown-unknown --print target-libdir" ]; then`,
    `  echo '${libraries}'; exit 0`,
    "fi",
    pass("rustc"),
  ]);
  shim(folder, "rustup", [
    'if [ "$*" = "component list --toolchain nightly" ]; then echo "rust-src (installed)"; exit 0; fi',
    'echo "aero2: no rustup in the Wasm build: $*" >&2; exit 1',
  ]);

  // -Z build-std is a nightly's option; RUSTC_BOOTSTRAP is how a release takes it.
  const env = { ...npmEnv(), ...extra, RUSTC_BOOTSTRAP: "1", CARGO_TARGET_DIR: wasmTarget };
  delete env.RUSTUP_TOOLCHAIN; // rustup's proxies leave it behind; here it would name the wrong compiler
  env.PATH = [folder, env.PATH].join(delimiter);
  return { name, env, source: join(sysroot, SOURCE) };
}

function shim(folder, name, lines) {
  const file = join(folder, name);
  writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(file, 0o755);
}
