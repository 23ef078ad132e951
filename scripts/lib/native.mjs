// Which Rust compiler builds what runs on this machine: tests, tools, checks.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";
import { answer, must, step, Stop, which } from "./process.mjs";

/**
 * The environment of the native compiler.
 *
 * rust-toolchain.toml names an exact version. A machine whose `stable` is that
 * version, but which has it under no other name, uses `stable`.
 */
export function nativeEnv() {
  if (answer("rustc", ["--version"], { env: offline }) !== null) return process.env;
  return { ...process.env, RUSTUP_TOOLCHAIN: "stable" };
}

/** Asking must not start a download behind our back. */
const offline = { ...process.env, RUSTUP_AUTO_INSTALL: "0" };

/** Gets the native compiler that rust-toolchain.toml names, by rustup. */
export async function installNative() {
  if (!which("rustup")) {
    if (!which("cargo")) throw new Stop("Rust is missing: install rustup, see https://rustup.rs");
    return; // a compiler of the system's own; cargo tells if it is older than Cargo.toml's rust-version
  }
  const version = /^channel = "(.+)"$/m.exec(readFileSync(join(root, "rust-toolchain.toml"), "utf8"))[1];
  const has = (name) => answer("rustup", ["run", name, "rustc", "--version"], { env: offline })?.split(" ")[1] === version;
  if (has(version) || has("stable")) return;
  const args = ["toolchain", "install", version, "--profile", "minimal", "--component", "clippy", "--component", "rustfmt"];
  await step(`installing Rust ${version} (a minute)`, () => must("rustup", [...args, "--no-self-update"]));
}

/** The native compiler's sysroot and host. */
export function nativeCompiler() {
  const env = nativeEnv();
  const version = answer("rustc", ["-vV"], { env });
  const sysroot = answer("rustc", ["--print", "sysroot"], { env });
  if (!version || !sysroot) throw new Stop("the native Rust compiler does not run: try «npm run build», which installs it");
  const host = /^host: (.+)$/m.exec(version)[1];
  return { sysroot, host };
}
