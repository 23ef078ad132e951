// What happens where rustup cannot download?

import { equal, match, rejects } from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "aero2-toolchain-"));
after(() => rmSync(folder, { recursive: true }));

// Read when the modules are loaded: nothing of this machine's may be found.
Object.assign(process.env, {
  XDG_CACHE_HOME: join(folder, "cache"),
  RUSTUP_HOME: join(folder, "rustup"),
  AERO2_WASM_TOOLCHAIN: "rustup",
});
const { attempt, Stop } = await import("./process.mjs");
const { wasmToolchain } = await import("./toolchain.mjs");

/** A program that does what these lines of sh say. */
function program(name, ...lines) {
  mkdirSync(join(folder, "bin"), { recursive: true });
  const file = join(folder, "bin", name);
  writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(file, 0o755);
  return file;
}

test("what succeeds has no reason", async () => {
  equal(await attempt(program("fine", "echo error: not one; exit 0"), [], { timeoutMs: 60_000 }), null);
});

test("a failure's reason is its error, in one line", async () => {
  const failing = program("failing", "echo info: syncing >&2; echo 'error: no network' >&2; echo '  0: frame' >&2; exit 1");
  equal(await attempt(failing, [], { timeoutMs: 60_000 }), "no network");
  equal(await attempt(program("mute", "exit 3"), [], { timeoutMs: 60_000 }), "exit code 3");
  match(await attempt(join(folder, "absent"), [], { timeoutMs: 60_000 }), /ENOENT/);
});

test("what does not end is ended", async () => {
  equal(await attempt(program("endless", "sleep 2"), [], { timeoutMs: 100 }), "no end after 0.1 s");
});

/** A rustup that does what these lines say when it is asked to install, and a compiler beside it. */
function rustup(...lines) {
  program("rustup", '[ "$1" = toolchain ] || exit 1', ...lines);
  program("rustc", 'case "$1" in -vV) echo "host: test-host" ;; *) echo /sysroot ;; esac');
  if (!process.env.PATH.startsWith(folder)) process.env.PATH = [join(folder, "bin"), process.env.PATH].join(delimiter);
}

test("a compiler that cannot be had is one line for the user", async () => {
  rustup('echo "error: could not download" >&2; exit 1');
  await rejects(wasmToolchain(), (error) => {
    equal(error instanceof Stop, true);
    match(error.message, /^there is no Rust [.0-9]+ by rustup \(could not download\), and the Wasm is built with it$/);
    return true;
  });
});

test("a compiler of which the installation was killed is not used, and makes room for the next try", async () => {
  const begun = ["mkdir -p bin lib/rustlib/src/rust/library", "touch bin/cargo bin/cargo-clippy lib/rustlib/src/rust/library/Cargo.toml"];
  // As rustup does: what lies in its way stops it.
  const where = ['set -e; home="$RUSTUP_HOME/toolchains/$3-test-host"', 'mkdir -p "$RUSTUP_HOME/toolchains"; mkdir "$home"; cd "$home"'];
  rustup(...where, ...begun, "kill -9 $$");
  await rejects(wasmToolchain(), Stop);
  rustup(...where, ...begun, "touch lib/rustlib/multirust-config.toml");
  const { name, env } = await wasmToolchain();
  match(name, /^rustup-[.0-9]+$/);
  equal(env.RUSTC_BOOTSTRAP, "1");
  equal(env.PATH.startsWith(join(folder, "cache", "aero2", "shims", name)), true);
});
