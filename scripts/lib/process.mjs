// How the scripts run other programs, and how they stop.

import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./places.mjs";

/** A reason to stop that is the user's to read: one line, no stack. */
export class Stop extends Error {}

/** Runs a script's main function; a `Stop` becomes one line and exit code 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof Stop ? `aero2: ${error.message}` : error);
    process.exit(1); // not exitCode: an open socket or a child must not keep a failed script alive
  }
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
