import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { networks, withInternet, withoutRouter } from "./compiled.mjs";
import { npmBin } from "./places.mjs";

/** What workerd makes of a configuration, in its own encoding. */
function compiled(folder, ...config) {
  const { status, stdout, stderr } = spawnSync(npmBin("workerd"), ["compile", ...config, "--config-only"], { cwd: folder });
  assert.equal(status, 0, String(stderr));
  return stdout;
}

test("an internet service is added, and workerd reads all the rest as before", () => {
  const folder = mkdtempSync(join(tmpdir(), "aero2-outbound-"));
  try {
    writeFileSync(join(folder, "worker.js"), "export default { fetch: () => new Response() }");
    const wrangler = { name: "kept", main: "worker.js", compatibility_date: "2026-11-17", no_bundle: true, vars: { WORD: "also kept" } };
    writeFileSync(join(folder, "wrangler.json"), JSON.stringify(wrangler));
    const before = compiled(folder, "wrangler.json");
    assert.ok(!before.includes("internet\0"));

    writeFileSync(join(folder, "changed.bin"), withInternet(before, ["127.0.0.1/32"]));
    const after = compiled(folder, "--binary", "changed.bin");

    for (const text of ["kept", "also kept", "export default", "internet", "public", "127.0.0.1/32"]) {
      assert.ok(after.includes(text), text);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a request enters at the Worker, which still has its files", () => {
  const folder = mkdtempSync(join(tmpdir(), "aero2-entry-"));
  const names = (message) => message.toString("latin1").match(/kept-assets\0/g)?.length ?? 0;
  try {
    mkdirSync(join(folder, "files"));
    writeFileSync(join(folder, "worker.js"), "export default { fetch: () => new Response() }");
    const assets = { directory: "files", binding: "FILES", run_worker_first: true };
    const wrangler = { name: "kept", main: "worker.js", compatibility_date: "2026-11-17", no_bundle: true, assets };
    writeFileSync(join(folder, "wrangler.json"), JSON.stringify(wrangler));
    const before = compiled(folder, "wrangler.json");

    writeFileSync(join(folder, "changed.bin"), withoutRouter(before));
    const after = compiled(folder, "--binary", "changed.bin");

    assert.equal(names(after), names(before) - 1);
    assert.ok(names(after) > 0 && after.includes("FILES"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("only addresses become networks", () => {
  assert.deepEqual(networks("127.0.0.1:4000,127.0.0.1:4001,10.0.0.1:80,app.example:443"), ["127.0.0.1/32", "10.0.0.1/32"]);
  assert.deepEqual(networks(""), []);
});
