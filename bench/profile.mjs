// `npm run profile [-- CASE …]`: where a request's time goes, by the runtime's own profiler.
//
// Prints each case's processor time a request, and every function's share of
// it. Both hold on a machine that others use, where rates do not.

import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { local } from "../scripts/lib/places.mjs";
import { main, say } from "../scripts/lib/process.mjs";
import { build, namedOf, variants } from "../scripts/lib/worker.mjs";
import { cases } from "./cases.mjs";
import { withServers } from "./servers.mjs";
import { load } from "./wrk.mjs";

const INSPECTOR = "127.0.0.1:9329";
const SAMPLE_US = 200;
const WARM_SECONDS = 1;
const SECONDS = 3;
const SHOWN = 30;

/** A sample further from the last than this waited for the machine, not for us. */
const STALL_US = 3_000;

/** What the kernel counts a process's time in. */
const TICK_US = 10_000;

await main(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  await build("release");
  withNames(variants.release);
  await withServers({ inspector: INSPECTOR }, async (servers) => {
    const all = await cases(servers);
    const wanted = all.filter(({ url, name }) => url === servers.ours.url && (!positionals.length || positionals.some((word) => name.includes(word))));
    const ask = await inspect();
    await ask("Profiler.enable");
    await ask("Profiler.setSamplingInterval", { interval: SAMPLE_US });
    for (const one of wanted) await measure({ one, folder: servers.folder, pid: servers.ours.pid, ask });
  });
  process.exit(0); // the inspector's socket would keep us
});

/** Serves a copy of the build whose functions have names. */
function withNames(variant) {
  const copy = join(local, "worker-named");
  mkdirSync(copy, { recursive: true });
  cpSync(variant.out, copy, { recursive: true });
  copyFileSync(namedOf("release"), join(copy, "index_bg.wasm"));
  variant.out = copy;
}

async function measure({ one, folder, pid, ask }) {
  await load({ folder, seconds: WARM_SECONDS, ...one, lines: await one.lines() });
  const lines = await one.lines();
  await ask("Profiler.start");
  const before = spent(pid);
  const { rate } = await load({ folder, seconds: SECONDS, ...one, lines });
  const each = (spent(pid) - before) / (rate * SECONDS);
  const { profile } = await ask("Profiler.stop");
  const file = join(local, `${one.name.replace(/\W+/g, "-")}.cpuprofile`);
  writeFileSync(file, JSON.stringify(profile));
  console.log(`\n${one.name}: ${each.toFixed(0)} µs of processor a request`);
  for (const [name, share] of shares(profile).slice(0, SHOWN)) console.log(`${(share * 100).toFixed(1).padStart(5)} %  ${(share * each).toFixed(1).padStart(6)} µs  ${name}`);
  say(`the whole of it: ${file}`);
}

/** Microseconds of processor a process has used. */
function spent(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** Each function's own share of the time that was not idle, largest first. */
function shares({ nodes, samples, timeDeltas }) {
  const nodeOf = new Map(nodes.map((node) => [node.id, node]));
  const callerOf = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node])));
  const own = new Map();
  let busy = 0;
  samples.forEach((id, at) => {
    const name = nameOf(nodeOf.get(id), callerOf);
    if (name === "(idle)") return;
    const time = timeDeltas[at] > STALL_US ? SAMPLE_US : timeDeltas[at];
    own.set(name, (own.get(name) ?? 0) + time);
    busy += time;
  });
  return [...own].sort(([, a], [, b]) => b - a).map(([name, time]) => [name, time / busy]);
}

/** A function's name; of the glue's nameless ones, the import's in which they lie. */
function nameOf(node, callerOf) {
  const plain = ({ callFrame }) => callFrame.functionName.replace(/\[[0-9a-f]{12,16}\]|_[0-9a-f]{16}$/g, "");
  for (let at = node, steps = 0; at && steps < 4; at = callerOf.get(at.id), steps += 1) {
    if (plain(at).startsWith("__wb")) return plain(at);
    if (steps === 0 && plain(at).length > 2) return plain(at);
  }
  return `${plain(node) || "(nameless)"}, called by ${plain(callerOf.get(node.id) ?? node)}`;
}

/** Answers how to ask the runtime's inspector. */
async function inspect() {
  const [{ webSocketDebuggerUrl: url }] = await (await fetch(`http://${INSPECTOR}/json`)).json();
  const socket = new WebSocket(url);
  const waiting = [];
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(data);
    if (id) waiting[id](result);
  });
  await new Promise((settle, fail) => {
    socket.addEventListener("open", settle);
    socket.addEventListener("error", () => fail(new Error("the inspector does not answer")));
  });
  let last = 0;
  return (method, params = {}) =>
    new Promise((settle) => {
      last += 1;
      waiting[last] = settle;
      socket.send(JSON.stringify({ id: last, method, params }));
    });
}
