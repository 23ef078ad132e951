// `npm run check [-- NAME…]`: everything that can be said without running a
// test. Every check runs, also after one that fails; the names are below.

import { nativeEnv } from "./lib/native.mjs";
import { clientEnv, npmBin, npmEnv } from "./lib/places.mjs";
import { main, run, say, seconds, Stop } from "./lib/process.mjs";
import { wasmToolchain } from "./lib/toolchain.mjs";
import { cargoDeny } from "./lib/tools.mjs";
import { build } from "./lib/worker.mjs";

const STRICT = ["--", "-D", "warnings"];

const checks = {
  format: () => run("cargo", ["fmt", "--check"], native()),
  "clippy (native)": () => run("cargo", ["clippy", "--locked", "--all-targets", ...STRICT], native()),
  "clippy (native, test-hooks)": () =>
    run("cargo", ["clippy", "--locked", "--all-targets", "--features", "test-hooks", ...STRICT], native()),
  "clippy (Wasm)": () => wasmClippy([]),
  "clippy (Wasm, test-hooks)": () => wasmClippy(["--features", "test-hooks"]),
  documentation: () =>
    run("cargo", ["doc", "--locked", "--no-deps", "--document-private-items"], native({ RUSTDOCFLAGS: "-D warnings" })),
  dependencies: async () => run(await cargoDeny(), ["--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"], native()),
  "format (clients)": () => client("fmt", ["--all", "--check"]),
  "clippy (clients)": () => client("clippy", ["--locked", "--workspace", "--all-features", "--all-targets"], STRICT),
  "documentation (clients)": () => client("doc", ["--locked", "--workspace", "--all-features", "--no-deps"]),
  "dependencies (clients)": async () => {
    const args = ["--locked", "--workspace", "--manifest-path", "clients/rust/Cargo.toml", "check", "--hide-inclusion-graph"];
    return run(await cargoDeny(), [...args, "licenses", "bans", "sources"], native());
  },
  "types (clients)": () => types("clients/typescript"),
  "types (clients, ratelimit)": () => types("clients/typescript/ratelimit"),
  "types (clients, browser)": () => types("clients/browser"),
  "types (console)": () => types("console"),
  "deploy (production)": () => dryRun("production"),
  "deploy (qa)": () => dryRun("qa"),
};

await main(async () => {
  const wanted = process.argv.slice(2);
  const chosen = Object.entries(checks).filter(([name]) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
  if (chosen.length === 0) throw new Stop(`no such check; there are ${Object.keys(checks).join(", ")}`);

  const failed = [];
  for (const [name, check] of chosen) {
    const began = Date.now();
    say(`check ${name} …`);
    const code = await check().catch((error) => {
      say(error instanceof Stop ? error.message : error.stack);
      return 1;
    });
    say(`check ${name}: ${code === 0 ? "good" : "FAILED"} in ${seconds(began)}`);
    if (code !== 0) failed.push(name);
  }
  if (failed.length) throw new Stop(`failed: ${failed.join(", ")}`);
  say(`all ${chosen.length} checks are good`);
});

function native(extra = {}) {
  return { env: { ...nativeEnv(), ...extra } };
}

/** Runs a command of cargo on the clients in Rust, a workspace of their own. */
function client(command, args, rest = []) {
  const env = { ...clientEnv(nativeEnv()), RUSTDOCFLAGS: "-D warnings" };
  return run("cargo", [command, "--manifest-path", "clients/rust/Cargo.toml", ...args, ...rest], { env });
}

function types(project) {
  return run(npmBin("tsc"), ["-p", project], { env: npmEnv() });
}

/** Lints what only exists for the Worker, with the compiler and library of its build; what only makes that smaller changes no lint. */
async function wasmClippy(features) {
  const { env } = await wasmToolchain();
  const args = ["clippy", "--locked", "--lib", "--release", "--target", "wasm32-unknown-unknown"];
  args.push("-Z", "build-std=std,panic_unwind", ...features, ...STRICT);
  return run("cargo", args, { env: { ...env, RUSTFLAGS: "-Cpanic=unwind", WASM_BINDGEN_USE_JS_SYS: "1" } });
}

/** What would be deployed to an environment, short of deploying it. */
async function dryRun(environment) {
  await build("release");
  return run(npmBin("wrangler"), ["deploy", "--dry-run", "--env", environment], { env: { ...npmEnv(), CI: "true" } });
}
