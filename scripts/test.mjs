// `npm test [-- ARGUMENTS OF CARGO TEST]`: both builds of the Worker, then
// every test, those of these scripts and of the clients first. The last line
// counts them: `N passed, N failed`.

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { nativeEnv } from "./lib/native.mjs";
import { clientEnv, npmBin, root } from "./lib/places.mjs";
import { say, Stop, which } from "./lib/process.mjs";
import { build } from "./lib/worker.mjs";

const { passed, failed } = await tests();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function tests() {
  const args = process.argv.slice(2);
  try {
    await build("release");
    await build("test");
    const counts = args.length ? [] : [await nodeTests(), await clientTests()];
    counts.push(await cargoTests(args));
    const sum = (name) => counts.reduce((total, count) => total + count[name], 0);
    return { passed: sum("passed"), failed: sum("failed") };
  } catch (error) {
    console.error(error instanceof Stop ? `aero2: ${error.message}` : error);
    return { passed: 0, failed: 1 };
  }
}

/** The tests of the set-up itself, of the console, and of the clients in JavaScript and TypeScript. */
function nodeTests() {
  const tested = ["typescript", "typescript/ratelimit", "browser", "."].map((name) => `clients/${name}/test`);
  const folders = ["scripts/lib", "console/test", ...tested].map((name) => join(root, name));
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const tests = files.filter((name) => /\.test\.m?[jt]s$/.test(name)).sort();
  // The node that the npm dependencies bring reads TypeScript; the system's may not.
  return count(npmBin("node"), ["--test", "--test-reporter=tap", ...tests], process.env, (line, total) => {
    const found = /^# (pass|fail|cancelled) (\d+)$/.exec(line);
    if (found) total[found[1] === "pass" ? "passed" : "failed"] += Number(found[2]);
  });
}

/** The tests of the clients in Rust, a workspace of their own. */
function clientTests() {
  const env = { ...clientEnv(nativeEnv()), CARGO_TERM_COLOR: "never" };
  const args = ["test", "--locked", "--workspace", "--all-features", "--no-fail-fast", "--manifest-path", "clients/rust/Cargo.toml"];
  return count("cargo", args, env, addResult);
}

function cargoTests(args) {
  const env = {
    ...nativeEnv(),
    // A node that an npm script gave us may be newer than the system's: the tests use the same one.
    AERO2_NODE: process.execPath,
    AERO2_SERVE: join(root, "scripts", "serve.mjs"),
    CHROMIUM: which("chromium") ?? "",
    CHROMEDRIVER: which("chromedriver") ?? "",
    CARGO_TERM_COLOR: "never", // colours would hide the lines we count
  };
  return count("cargo", ["test", "--no-fail-fast", ...args], env, addResult);
}

/** Adds what cargo says of one test program. */
function addResult(line, total) {
  const found = /^test result: \S+ (\d+) passed; (\d+) failed;/.exec(line);
  if (!found) return;
  total.passed += Number(found[1]);
  total.failed += Number(found[2]);
}

/** Runs a test program with its output passed through, and adds up what `read` finds in its lines. */
async function count(program, args, env, read) {
  const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", "pipe", 2] });
  const ended = new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code) => settle(code ?? 1));
  });
  const total = { passed: 0, failed: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line);
    read(line, total);
  }
  const code = await ended;
  // A test that does not compile, or a test program that is killed, has no result line.
  if (code !== 0 && total.failed === 0) {
    say(`${program} failed with exit code ${code} and names no failed test`);
    total.failed = 1;
  }
  return total;
}
