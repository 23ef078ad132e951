// What is asked of Debian's package tools, and of a user who may not use them?

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { install, unfinished } from "./debian.mjs";
import { Stop } from "./process.mjs";

const GCC = { packages: ["gcc", "make"], why: "building" };
const BROWSER = { packages: ["chromium"], why: "the browser" };

const path = process.env.PATH;
const { getuid } = process;
let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aero2-debian-"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "log"), "");
  program("env", 'shift; exec "$@"');
  program("dpkg");
  program("apt-get");
  states({});
  process.env.PATH = join(folder, "bin"); // nothing of this machine's may be found
});

afterEach(() => {
  process.env.PATH = path;
  process.getuid = getuid;
  rmSync(folder, { recursive: true });
});

/** A program that notes how it was called and then does what this line of sh says. */
function program(name, line = ":") {
  const file = join(folder, "bin", name);
  writeFileSync(file, `#!/bin/sh\necho ${name} "$@" >> '${join(folder, "log")}'\n${line}\n`);
  chmodSync(file, 0o755);
}

/** What dpkg says of each package; it has never heard of any other. */
function states(known) {
  const cases = Object.entries(known).map(([name, state]) => `${name}) printf '${state}' ;;`);
  const file = join(folder, "bin", "dpkg-query");
  writeFileSync(file, `#!/bin/sh\ncase "$3" in ${cases.join(" ")} *) exit 1 ;; esac\n`);
  chmodSync(file, 0o755);
}

/** The programs that were called, each with the words that matter. */
const calls = () =>
  readFileSync(join(folder, "log"), "utf8").trim().split("\n").filter((line) => !line.startsWith("env "))
    .map((line) => line.replace(/ -q| -o \S+/g, ""));

test("what is installed already costs nothing", async () => {
  states({ gcc: "installed", make: "installed" });
  await install([GCC]);
  await install([]);
  deepEqual(calls(), [""]);
});

test("root gets everything that is missing in one go, after what was broken off", async () => {
  process.getuid = () => 0;
  states({ gcc: "installed", make: "unpacked" });
  await install([GCC, BROWSER]);
  deepEqual(calls(), ["dpkg --configure -a", "apt-get update", "apt-get install -y --no-install-recommends make chromium"]);
});

test("lists that cannot be renewed stop nothing, packages that cannot be had do", async () => {
  process.getuid = () => 0;
  program("apt-get", 'case "$*" in *update) exit 100 ;; esac');
  await install([GCC]);
  program("apt-get", 'case "$*" in *install*) exit 100 ;; esac');
  await rejects(install([GCC]), (error) => error instanceof Stop && /apt-get.* install .*gcc make failed with exit code 100$/.test(error.message));
});

test("a user goes by sudo where that asks for no password", async () => {
  process.getuid = () => 1000;
  program("true");
  program("sudo", 'shift; exec "$@"');
  await install([GCC]);
  equal(calls().at(-2).startsWith("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install"), true);
});

test("a user without sudo is told one line, for all that is missing", async () => {
  process.getuid = () => 1000;
  program("sudo", "exit 1");
  await rejects(install([GCC, BROWSER]), (error) => {
    equal(error instanceof Stop, true);
    match(error.message, /«sudo apt-get update && sudo apt-get install --no-install-recommends gcc make chromium», and then this again$/);
    return true;
  });
  deepEqual(calls(), ["sudo -n true"]);
});

test("where there is no Debian, the user is told what is needed and why", async () => {
  rmSync(join(folder, "bin", "apt-get"));
  await install([]);
  await rejects(install([GCC, BROWSER]), /package manager, and then run this again: gcc, make \(building\), chromium \(the browser\)$/);
});

test("an installation that broke off is seen, one that never began or is done is not", () => {
  states({ gcc: "installed", make: "half-configured" });
  equal(unfinished(["gcc", "make"]), true);
  equal(unfinished(["gcc", "chromium"]), false);
});
