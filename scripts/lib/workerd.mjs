// How one workerd serves one data folder.

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { migrateArchive } from "./archive.mjs";
import { pair } from "./isolates.mjs";
import { networks, withInternet, withoutRouter } from "./compiled.mjs";
import { npmBin, root } from "./places.mjs";
import { Stop, which } from "./process.mjs";
import { checkSettings } from "./settings.mjs";
import { variants } from "./worker.mjs";

/** What workerd knows of a wrangler configuration; any other field stops it. */
const KNOWN = [
  "name", "compatibility_date", "compatibility_flags", "vars", "durable_objects", "migrations",
  "kv_namespaces", "triggers", "queues", "workflows", "d1_databases", "assets",
];

/** A cold start compiles the Wasm and takes well under a second; a loaded machine takes longer. */
const READY_MS = 30_000;
const POLL_MS = 20;

/** A compiled configuration contains the Worker. */
const COMPILED_BYTES_MAX = 64 * 1_024 * 1_024;

/** The exit code by which flock says that another process holds the lock. */
const LOCKED = 75;

/**
 * Starts workerd and resolves once `/healthz` answers 200.
 *
 * The child is workerd itself: flock and setpriv give it the lock of the data
 * folder and the wish to die with us, and then become it. The kernel drops the
 * lock when the process ends, however it ends, so no lock is ever stale.
 *
 * Answers `{ url, port, pid, ended, stop }`; `ended` resolves to how it ended.
 */
export async function startWorkerd({ variant, port, data, settings, inspector, isolates = 1, without = [] }) {
  const configure = (bound) => {
    const config = ours({ variant, settings: { ...settings, PLATFORM_DOMAIN: `localhost:${bound}` }, without });
    return isolates === 1 ? config : pair(config);
  };
  if (isolates === 1) {
    const serve = (config) => start({ port: 0, data, configure: () => config });
    await migrateArchive(resolve(data), withoutParts(wrangler(), without), serve);
  }
  return start({ port, data, inspector, configure });
}

/** The same for any Worker; `configure` answers its configuration for the port it gets, shaped as wrangler's or in workerd's own words. A profiler finds it at `inspector`. */
export async function start({ port, data, configure, inspector }) {
  const folder = resolve(data);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const socket = await listen(port);
  const bound = socket.address().port;
  const served = writeConfig(folder, configure(bound));

  const command = [...lockAndLeash(join(folder, "lock")), npmBin("workerd"), "serve", ...served, "--experimental", "--socket-fd", "http=3"];
  if (inspector) command.push(`--inspector-addr=${inspector}`);
  const child = spawn(command[0], command.slice(1), { cwd: folder, stdio: ["ignore", 2, 2, socket._handle.fd] });
  socket.close(); // the child has its own copy of it
  const ended = new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("exit", (code, signal) => settle({ code, signal }));
  });

  const url = `http://127.0.0.1:${bound}`;
  const giveUp = new AbortController();
  const failure = await Promise.race([
    healthy(`${url}/healthz`, giveUp.signal),
    ended.then((end) => whyEnded(end, folder)),
  ]);
  if (failure) {
    giveUp.abort();
    child.kill("SIGKILL");
    throw new Stop(failure);
  }
  return { url, port: bound, pid: child.pid, ended, stop: (deadlineMs) => stop(child, ended, deadlineMs) };
}

/** A socket that already listens: a port in use is our error to tell, and port 0 is known before the start. */
function listen(port) {
  return new Promise((settle, fail) => {
    const server = createServer();
    server.on("error", (error) =>
      fail(new Stop(error.code === "EADDRINUSE" ? `port ${port} is in use: choose another with --port` : `port ${port}: ${error.message}`)),
    );
    server.listen({ port, host: "127.0.0.1", backlog: 511 }, () => settle(server));
  });
}

/** What workerd knows of our wrangler configuration. */
function wrangler() {
  const whole = JSON.parse(readFileSync(join(root, "wrangler.json"), "utf8"));
  return Object.fromEntries(KNOWN.filter((name) => name in whole).map((name) => [name, whole[name]]));
}

/** A configuration in which these parts are missing, as on a deployment that has none of them. */
function withoutParts(config, parts) {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !parts.includes(name)));
}

/** The configuration of a build of ours. */
function ours({ variant, settings, without }) {
  const config = withoutParts(wrangler(), without);
  addObjects(config, variants[variant].objects);
  config.main = join(variants[variant].out, "index.js");
  config.assets = { ...config.assets, directory: join(root, config.assets.directory) };
  config.no_bundle = true; // worker-build has bundled already
  config.vars = { ...config.vars, ...settings };
  checkSettings(config.vars);
  return config;
}

/** Writes workerd's configuration into the data folder, beside which it keeps its state; answers what to serve. */
function writeConfig(folder, config) {
  if (typeof config === "string") {
    const file = join(folder, "workerd.capnp");
    mkdirSync(join(folder, "objects"), { recursive: true });
    writePrivately(file, config);
    return ["--import-path", "/", file];
  }
  const file = join(folder, "workerd.json");
  writePrivately(file, JSON.stringify(config, null, 2));
  const allowed = networks(config.vars?.OUTBOUND_ALLOW ?? "");
  if (allowed.length === 0 && !config.assets) return [file];
  const compiled = spawnSync(npmBin("workerd"), ["compile", file, "--config-only"], { cwd: folder, maxBuffer: COMPILED_BYTES_MAX });
  if (compiled.status !== 0) throw new Stop(`workerd compile: ${compiled.stderr}`);
  const binary = join(folder, "workerd.bin");
  const entered = withoutRouter(compiled.stdout);
  writePrivately(binary, allowed.length === 0 ? entered : withInternet(entered, allowed));
  return ["--binary", binary];
}

/** Both hold the secrets; they may have been there before. */
function writePrivately(file, content) {
  writeFileSync(file, content, { mode: 0o600 });
  chmodSync(file, 0o600);
}

/** The classes that only this variant has. */
function addObjects(config, objects) {
  if (objects.length === 0) return;
  config.durable_objects = { ...config.durable_objects, bindings: [...config.durable_objects.bindings, ...objects] };
  const classes = objects.map((object) => object.class_name);
  config.migrations = [...config.migrations, { tag: "test", new_sqlite_classes: classes }];
}

function lockAndLeash(lock) {
  if (!which("flock")) throw new Stop("flock is missing: install util-linux, it keeps two servers off one data folder");
  return ["flock", "--no-fork", "--nonblock", "--conflict-exit-code", String(LOCKED), lock, ...leash()];
}

/** What to put before a command that must end with us, however we end. */
export function leash() {
  return process.platform === "linux" && which("setpriv") ? ["setpriv", "--pdeathsig", "KILL"] : [];
}

/** Resolves to null when the address answers 200, to a complaint when it does not in time. */
async function healthy(address, signal) {
  const deadline = Date.now() + READY_MS;
  let last = "no answer";
  while (Date.now() < deadline && !signal.aborted) {
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(deadline - Date.now()) });
      await response.arrayBuffer();
      if (response.status === 200) return null;
      last = `status ${response.status}`;
    } catch (error) {
      last = error.cause?.code ?? error.message; // not up yet; told if it never comes up
    }
    await new Promise((settle) => setTimeout(settle, POLL_MS));
  }
  return `${address} was not healthy within ${READY_MS / 1000} s: ${last}`;
}

function whyEnded({ code, signal }, folder) {
  if (code === LOCKED) return `another process serves ${folder}: stop it, or choose another folder with --data`;
  return `workerd ended while starting (${signal ?? `exit code ${code}`})`;
}

/** Asks workerd to finish its requests, and ends it after `deadlineMs`: a hung request never finishes. */
async function stop(child, ended, deadlineMs) {
  child.kill("SIGTERM");
  const deadline = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
  const end = await ended;
  clearTimeout(deadline);
  return end;
}
