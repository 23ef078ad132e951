// Where the set-up keeps things.

import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** What this clone makes and git ignores. */
export const local = join(root, ".aero2");

/** What every clone of this user shares; each entry is keyed by its version. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "aero2");

/** Cargo's folder for Wasm, apart from the native one so that neither waits for the other's lock. */
export const wasmTarget = join(root, "target", "wasm");

/** Cargo's environment for the client in Rust: its own folder, since its profile and features are. */
export const clientEnv = (env) => ({ ...env, CARGO_TARGET_DIR: join(root, "target", "clients") });

/** A program that the npm dependencies bring. */
export const npmBin = (name) => join(root, "node_modules", ".bin", name);

/** The environment in which the npm dependencies run: on the Node they bring, also when the system's is older. */
export const npmEnv = (env = process.env) => ({
  ...env,
  PATH: [join(root, "node_modules", ".bin"), env.PATH].join(delimiter),
  WRANGLER_SEND_METRICS: "false",
});
