// What do many sockets cost that only listen?

import { readFileSync } from "node:fs";
import { setTimeout as pass } from "node:timers/promises";
import { Stop } from "../scripts/lib/process.mjs";

/** Longer than an idle object stays in memory (10 s), and than a feed may stay unstarted: what opening them began is over. */
const SETTLE_MS = 25_000;

/** Often enough that an object woken by one round of pings would still be awake at the next. */
const PING_EVERY_MS = 5_000;
const ROUNDS = 5;

/** Of the kernel's clock, in which it counts a process's time. */
const TICKS_PER_S = 100;

/** Lets sockets ping for a while; answers a line that says whether that woke what they lead to, and what it took. */
export async function idle({ sockets, pid, look }) {
  let pongs = 0;
  let pinged;
  for (const socket of sockets) socket.on("message", (frame) => (pongs += String(frame) === "pong"));
  const asleep = await share(pid, () => pass(SETTLE_MS));
  const pinging = await share(pid, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const socket of sockets) socket.send("ping");
      pinged = Date.now();
      await pass(PING_EVERY_MS);
    }
  });
  const pings = ROUNDS * sockets.length;
  if (pongs !== pings) throw new Stop(`${pongs} of ${pings} pings were answered`);
  const { since, heard } = (await look()).activation;
  const verdict = since > pinged && heard === 0 ? "woke nobody" : `found their log awake for ${Date.now() - since} ms, and it had heard ${heard}`;
  const percent = (part) => `${(part * 100).toFixed(1)} %`;
  return (
    `${sockets.length} idle sockets: ${pings} pings, ${sockets.length / (PING_EVERY_MS / 1_000)} a second, ${verdict}; ` +
    `workerd took ${percent(pinging)} of a processor, without pings ${percent(asleep)}`
  );
}

/** The share of one processor that a process takes while something goes on. */
async function share(pid, during) {
  const [began, before] = [performance.now(), ticks(pid)];
  await during();
  return (ticks(pid) - before) / TICKS_PER_S / ((performance.now() - began) / 1_000);
}

/** A process's time so far: user and system, the 14th and 15th field (proc_pid_stat(5)); the second is the program's name. */
function ticks(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
