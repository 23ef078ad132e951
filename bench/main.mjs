// `npm run bench [-- --seconds N --rounds N --save | --only scale [--sessions N] [--data DIR]]`: requests a second and
// latencies of the hot paths on plain workerd, beside what the same workerd
// takes for nothing at all, in the same run. `--save` writes bench/baseline.json.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { local, root } from "../scripts/lib/places.mjs";
import { main, say, seconds, step, Stop } from "../scripts/lib/process.mjs";
import { build } from "../scripts/lib/worker.mjs";
import { cases } from "./cases.mjs";
import { SESSIONS } from "./people.mjs";
import { push } from "./push.mjs";
import { refusals } from "./refusals.mjs";
import { medians, noisy, ratios, table } from "./report.mjs";
import { scale, SESSIONS_MANY } from "./scale.mjs";
import { withServers } from "./servers.mjs";
import { CONNECTIONS, load } from "./wrk.mjs";

const BASELINE = fileURLToPath(new URL("baseline.json", import.meta.url));
const WARM_SECONDS = 1;

await main(async () => {
  const options = read();
  const began = Date.now();
  const scaled = async () => console.log((await step(`filling with ${options.sessions} sessions`, () => scale(options))).join("\n"));
  if (options.only === "scale") return scaled();
  await build("release");
  await withServers({}, async (servers) => {
    const measured = await measure({ folder: servers.folder, options, cases: await cases(servers) });
    report(measured, options);
    console.log(await step("refusing sign-ins", () => refusals(servers)));
    console.log((await step("pushing revocations", () => push(servers))).join("\n"));
  });
  await scaled();
  say(`done in ${seconds(began)}`);
});

function read() {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "3" },
      rounds: { type: "string", default: "3" },
      save: { type: "boolean" },
      data: { type: "string", default: local },
      only: { type: "string" },
      sessions: { type: "string", default: String(SESSIONS_MANY) },
    },
  });
  const number = (name, most) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most) throw new Stop(`--${name} is a number from 1 to ${most}, not ${values[name]}`);
    return value;
  };
  if (values.only !== undefined && values.only !== "scale") throw new Stop(`--only is scale, not ${values.only}`);
  return { seconds: number("seconds", 5), rounds: number("rounds", 5), save: values.save, only: values.only, data: values.data, sessions: number("sessions", SESSIONS_MANY) };
}

/** Every case once to warm up, then all of them in each round; every other round backwards, so that none always runs last. */
async function measure({ folder, options, cases }) {
  const runs = new Map(cases.map(({ name }) => [name, []]));
  const once = async (one, duration) => load({ folder, seconds: duration, ...one, lines: await one.lines() });
  for (const one of cases) await once(one, WARM_SECONDS);
  for (let round = 0; round < options.rounds; round += 1) {
    for (const one of round % 2 ? cases.toReversed() : cases) runs.get(one.name).push(await once(one, options.seconds));
    say(`round ${round + 1} of ${options.rounds}`);
  }
  return runs;
}

function report(runs, options) {
  console.log(table(runs));
  const aims = ratios(runs);
  for (const { text } of aims) console.log(text);
  const busy = noisy(runs);
  if (busy.length) say(`the machine was busy with something else, judging by the spread of: ${busy.join("; ")}`);
  if (!options.save) return;
  if (busy.length) throw new Stop("nothing was saved: run it again when the machine is quiet");
  const versions = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies;
  const machine = { processors: cpus().length, model: cpus()[0].model, workerd: versions.workerd };
  const load = { connections: CONNECTIONS, sessions: SESSIONS, seconds: options.seconds, rounds: options.rounds };
  const ratioOf = Object.fromEntries(aims.map(({ name, ratio }) => [name, ratio]));
  writeFileSync(BASELINE, `${JSON.stringify({ machine, load, cases: medians(runs), ratios: ratioOf }, null, 2)}\n`);
  say(`wrote ${BASELINE}`);
}
