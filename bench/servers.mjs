// What is measured runs here: ours and its floor, each on a workerd of its own, and people who have signed in.

import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { local, root } from "../scripts/lib/places.mjs";
import { step } from "../scripts/lib/process.mjs";
import { start, startWorkerd } from "../scripts/lib/workerd.mjs";
import { people, SESSIONS } from "./people.mjs";

/** Starts all, lends it to `use`, and leaves nothing behind. */
export async function withServers({ inspector }, use) {
  mkdirSync(local, { recursive: true });
  const folder = mkdtempSync(join(local, "bench-"));
  const servers = [];
  try {
    const floor = await start({ port: 0, data: join(folder, "floor"), configure: floorConfig });
    servers.push(floor);
    const secret = randomBytes(32).toString("base64url");
    const ours = await startWorkerd({ variant: "release", port: 0, data: join(folder, "ours"), settings: settings(secret), inspector });
    servers.push(ours);
    const who = await step(`signing in ${SESSIONS} times`, () => people({ platform: `http://localhost:${ours.port}`, secret }));
    const broadcast = await start({ port: 0, data: join(folder, "broadcast"), configure: broadcastConfig });
    servers.push(broadcast);
    const limiters = await start({ port: 0, data: join(folder, "limiters"), configure: limitersConfig });
    servers.push(limiters);
    await use({ folder, floor, broadcast, limiters, ours, who, secret, platform: `http://localhost:${ours.port}` });
  } finally {
    await Promise.all(servers.map((server) => server.stop(1_000)));
    rmSync(folder, { recursive: true, force: true });
  }
}

const floorConfig = () => plain("worker.mjs", ["Floor"]);
const broadcastConfig = () => plain("broadcast.mjs", ["Broadcast"]);
const limitersConfig = () => plain("limits.mjs", ["Durable", "Forgetful", "Log"]);

/** The configuration of a Worker in plain JavaScript with these classes of objects, each bound to its name in capitals. */
function plain(file, classes) {
  return {
    name: "floor",
    main: fileURLToPath(new URL(`floor/${file}`, import.meta.url)),
    no_bundle: true,
    compatibility_date: JSON.parse(readFileSync(join(root, "wrangler.json"), "utf8")).compatibility_date,
    durable_objects: { bindings: classes.map((name) => ({ name: name.toUpperCase(), class_name: name })) },
    migrations: [{ tag: "v1", new_sqlite_classes: classes }],
  };
}

function settings(secret) {
  return {
    MASTER_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_SECRET: secret,
    BOOTSTRAP_ADMIN_EMAIL: "admin@localhost",
    AUDIENCE: "urn:aero2:bench",
  };
}
