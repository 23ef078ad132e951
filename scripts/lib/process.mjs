// How the scripts run other programs, and how they stop.

import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./places.mjs";

/** A reason to stop that is the user's to read: one line, no stack. */
export class Stop extends Error {}

/** Runs a script's main function; what the user can mend becomes one line and exit code 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(isForUser(error) ? `aero2: ${error.message}` : error);
    process.exit(1); // not exitCode: an open socket or a child must not keep a failed script alive
  }
}

/** A reason of ours, an option that does not exist, or a file or folder that is not as it must be. */
function isForUser(error) {
  return error instanceof Stop || error?.code?.startsWith("ERR_PARSE_ARGS_") || (error?.syscall && error.path);
}

/** Says what is going on, on stderr: stdout belongs to answers. */
export function say(line) {
  console.error(`aero2: ${line}`);
}

/** Says what a long step is, runs it, and says how long it took. */
export async function step(title, work) {
  const began = Date.now();
  say(`${title} …`);
  const result = await work();
  say(`${title}: done in ${seconds(began)}`);
  return result;
}

/** The seconds since `began`, to print. */
export function seconds(began) {
  return `${((Date.now() - began) / 1000).toFixed(1)} s`;
}

/**
 * Runs a program with its output passed through (stdout joins stderr) and
 * answers its exit code; a signal or a time-out counts as 1.
 */
export function run(program, args, { env = process.env, cwd = root, timeoutMs, stdout = 2 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", stdout, 2] });
    const deadline = timeoutMs && setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.on("error", (error) => reject(new Stop(`${program} cannot be run: ${error.message}`)));
    child.on("exit", (code) => {
      clearTimeout(deadline);
      resolve(code ?? 1);
    });
  });
}

/** Runs a program that has to succeed. */
export async function must(program, args, options) {
  const code = await run(program, args, options);
  if (code !== 0) throw new Stop(`${[program, ...args].join(" ")} failed with exit code ${code}`);
}

/** Of what a program says, no more than this is kept: its error comes last. */
const SAID_MAX = 64 * 1024;

/**
 * Runs a program that may fail, without its output; answers null when it
 * succeeds, or why it did not, in one line.
 */
export function attempt(program, args, { env = process.env, cwd = root, timeoutMs }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const hear = (bytes) => (said = (said + bytes).slice(-SAID_MAX));
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    const end = (reason) => {
      clearTimeout(deadline);
      child.stdout.destroy(); // a child of its own may hold them open
      child.stderr.destroy();
      resolve(reason);
    };
    const deadline = setTimeout(() => {
      child.kill("SIGKILL");
      end(`no end after ${timeoutMs / 1000} s`);
    }, timeoutMs);
    child.on("error", (error) => end(error.message));
    child.on("close", (code) => end(code === 0 ? null : (errorIn(said) ?? `exit code ${code}`)));
  });
}

/** The first line that calls itself an error, or the last line there is; short enough for one line of ours. */
function errorIn(said) {
  const lines = said.split("\n").map((line) => line.trim()).filter(Boolean);
  const found = lines.find((line) => /^error\b/i.test(line)) ?? lines.at(-1);
  return found?.replace(/^error:\s*/i, "").slice(0, 160);
}

/** What a quick program prints, trimmed, or null when it fails or does not exist. */
export function answer(program, args, { env = process.env, cwd = root } = {}) {
  const done = spawnSync(program, args, { cwd, env, encoding: "utf8", timeout: 30_000 });
  return done.status === 0 ? done.stdout.trim() : null;
}

/** The first executable file of that name in PATH, or null. */
export function which(name, path = process.env.PATH ?? "") {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, name);
    if (isExecutable(file)) return file;
  }
  return null;
}

/** Whether `file` is a file that can be run. */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // absent or not ours to run: both mean no
  }
}
