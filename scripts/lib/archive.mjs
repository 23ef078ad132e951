// How the archive of a data folder gets its tables.
//
// workerd serves D1 itself and applies no migrations. A Worker of a few lines does, before ours starts, on the same
// database and with the notes that `wrangler d1 migrations apply` keeps, so that either may go on where the other was.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";

const MIGRATOR = `export default {
  async fetch(request, { ARCHIVE: database, MIGRATIONS }) {
    await database.exec("CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)");
    const { results } = await database.prepare("SELECT name FROM d1_migrations").all();
    const known = new Set(results.map(({ name }) => name));
    for (const { name, statements } of JSON.parse(MIGRATIONS).filter(({ name }) => !known.has(name))) {
      await database.batch([...statements.map((sql) => database.prepare(sql)), database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name)]);
    }
    return new Response("ok");
  },
};`;

/** The migrations in their order, each with its statements; no statement of ours holds a semicolon. */
export function migrations(folder = join(root, "migrations", "archive")) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql")).sort();
  return names.map((name) => {
    const sql = readFileSync(join(folder, name), "utf8").replace(/^\s*--.*$/gm, "");
    return { name, statements: sql.split(";").map((one) => one.trim()).filter(Boolean) };
  });
}

/**
 * Brings the archive of a data folder to the shape of the migrations; without a
 * database in the configuration, or when nothing is new, that takes no time.
 * `serve` starts a workerd on the folder with a configuration of ours.
 */
export async function migrateArchive(folder, { d1_databases, compatibility_date }, serve) {
  if (!d1_databases?.length) return;
  const known = migrations();
  const shape = createHash("sha256").update(JSON.stringify([known, d1_databases])).digest("hex");
  const stamp = join(folder, "archive-shape");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === shape) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const main = join(folder, "migrate.js");
  writeFileSync(main, MIGRATOR);
  const vars = { MIGRATIONS: JSON.stringify(known) };
  const server = await serve({ name: "aero2-migrate", main, no_bundle: true, compatibility_date, d1_databases, vars });
  await server.stop(STOP_MS);
  writeFileSync(stamp, shape);
}

/** It has answered by then. */
const STOP_MS = 2_000;
