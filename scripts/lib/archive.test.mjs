// Run by scripts/test.mjs, with node:test.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { migrateArchive, migrations } from "./archive.mjs";
import { root } from "./places.mjs";
import { start } from "./workerd.mjs";

const wrangler = JSON.parse(readFileSync(join(root, "wrangler.json"), "utf8"));

const LOOK = `export default {
  async fetch(request, { ARCHIVE: database }) {
    const { results } = await database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return Response.json(results.map(({ name }) => name));
  },
};`;

/** The tables that a Worker finds in a data folder's archive. */
async function tables(folder) {
  const main = join(folder, "look.js");
  writeFileSync(main, LOOK);
  const { compatibility_date, d1_databases } = wrangler;
  const configure = () => ({ name: "look", main, no_bundle: true, compatibility_date, d1_databases });
  const server = await start({ port: 0, data: folder, configure });
  const found = await (await fetch(server.url)).json();
  await server.stop(1_000);
  return found;
}

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "aero2-archive-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a data folder's archive gets its tables once, and again when its stamp is lost", () =>
  inFolder(async (folder) => {
    let starts = 0;
    const serve = (config) => ((starts += 1), start({ port: 0, data: folder, configure: () => config }));
    await migrateArchive(folder, wrangler, serve);
    await migrateArchive(folder, wrangler, serve);
    assert.equal(starts, 1);
    rmSync(join(folder, "archive-shape"));
    await migrateArchive(folder, wrangler, serve);
    assert.equal(starts, 2);
    const found = await tables(folder);
    for (const name of ["session", "audit", "key_epoch", "tenant", "holder"]) assert.ok(found.includes(name), name);
  }));

test("without a database there is nothing to do", () =>
  inFolder(async (folder) => {
    await migrateArchive(folder, { compatibility_date: wrangler.compatibility_date }, assert.fail);
    assert.ok(!existsSync(join(folder, "archive-shape")));
  }));

test("every migration is whole statements, numbered without a gap", () => {
  const known = migrations();
  assert.deepEqual(known.map(({ name }) => Number(name.slice(0, 4))), known.map((_, index) => index + 1));
  for (const { statements } of known) {
    for (const one of statements) assert.match(one, /^(CREATE|ALTER|DROP|INSERT|UPDATE) [^;]*$/);
  }
});

test("every environment archives alike", () => {
  for (const place of [wrangler, wrangler.env.production, wrangler.env.qa]) {
    const [database] = place.d1_databases;
    const [producer] = place.queues.producers;
    const [consumer] = place.queues.consumers;
    assert.equal(database.binding, "ARCHIVE");
    assert.equal(database.migrations_dir, "migrations/archive");
    assert.equal(producer.binding, "ARCHIVE_QUEUE");
    assert.equal(consumer.queue, producer.queue);
    assert.deepEqual([consumer.max_batch_size, consumer.max_retries, consumer.retry_delay], [100, 100, 3_600]);
  }
});
