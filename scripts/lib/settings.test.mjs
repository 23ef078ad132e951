// What the set-up promises about settings, secrets and data folders.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./places.mjs";
import { checkSettings, ensureSecrets, readSecrets } from "./settings.mjs";

const good = {
  PLATFORM_DOMAIN: "localhost:8787",
  AUDIENCE: "http://localhost:8787/admin",
  CF_ZONE_ID: "",
  MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  BOOTSTRAP_ADMIN_EMAIL: "admin@localhost",
};

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "aero2-settings-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("complete settings pass", () => checkSettings(good));

const bad = [
  ["MASTER_KEY", undefined],
  ["MASTER_KEY", "dG9vIHNob3J0"],
  ["MASTER_KEY", "not base64 at all, but long enough to be it"],
  ["PLATFORM_DOMAIN", "https://auth.example.com"],
  ["AUDIENCE", ""],
  ["CF_ZONE_ID", "not-32-digits"],
  ["BOOTSTRAP_ADMIN_EMAIL", "nobody"],
  ["BOOTSTRAP_CLIENT_SECRET", "too short"],
  ["CLIENT_IP_HEADER", "X Real IP"],
  ["LOG", "some"],
];
for (const [name, value] of bad) {
  test(`${name} ${value === undefined ? "missing" : `«${value}»`} is refused by name`, () => {
    assert.throws(() => checkSettings({ ...good, [name]: value }), (error) => {
      assert.match(error.message, new RegExp(`^setting ${name} is (missing|malformed)`));
      if (value) assert.ok(!error.message.includes(value), "a setting's value may be a secret");
      return true;
    });
  });
}

test("half a pair is refused by the name of the missing half", () => {
  assert.throws(() => checkSettings({ ...good, GITHUB_CLIENT_ID: "id" }), /setting GITHUB_CLIENT_SECRET is missing/);
});

test("generated secrets are complete, their owner's alone, and kept", () =>
  inFolder((folder) => {
    const file = join(folder, "sub", ".dev.vars");
    ensureSecrets(file);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    checkSettings({ ...good, ...readSecrets(file) });
    const before = readFileSync(file, "utf8");
    ensureSecrets(file);
    assert.equal(readFileSync(file, "utf8"), before);
  }));

test("secrets may be quoted and commented, and a bad line is named without its text", () =>
  inFolder((folder) => {
    const file = join(folder, ".dev.vars");
    writeFileSync(file, "# ours\nAUDIENCE=\"a=b\"\n\nCF_ZONE_ID=''\n");
    assert.deepEqual(readSecrets(file), { AUDIENCE: "a=b", CF_ZONE_ID: "" });
    writeFileSync(file, "MASTER_KEY=x\nsecret without a name\n");
    assert.throws(() => readSecrets(file), (error) => /line 2/.test(error.message) && !error.message.includes("secret"));
  }));

test("a start with a malformed setting ends at once with one line", () =>
  inFolder((folder) => {
    const args = ["--port", "0", "--data", folder, "--secrets", join(folder, ".dev.vars"), "--var", "MASTER_KEY=x"];
    const done = spawnSync(process.execPath, [join(root, "scripts", "serve.mjs"), ...args], { encoding: "utf8", timeout: 10_000 });
    assert.equal(done.status, 1);
    assert.equal(done.stdout, "");
    assert.match(done.stderr.trim().split("\n").at(-1), /^aero2: setting MASTER_KEY is malformed/);
  }));

for (const [wrong, line] of [
  [["--prot", "0"], /^aero2: Unknown option '--prot'/],
  [["--data", "FILE"], /^aero2: EEXIST: /],
]) {
  test(`a start with ${wrong.join(" ")} ends with one line`, () =>
    inFolder((folder) => {
      const file = join(folder, ".dev.vars");
      ensureSecrets(file);
      const args = ["--port", "0", "--secrets", file, ...wrong.map((word) => (word === "FILE" ? file : word))];
      const done = spawnSync(process.execPath, [join(root, "scripts", "serve.mjs"), ...args], { encoding: "utf8", timeout: 10_000 });
      assert.equal(done.status, 1);
      assert.match(done.stderr, line);
      assert.equal(done.stderr.trim().split("\n").length, 1);
    }));
}
