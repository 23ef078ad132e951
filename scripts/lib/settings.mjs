// What the Worker is told: its vars and secrets, made when missing and checked before a start.

import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./places.mjs";
import { say, Stop } from "./process.mjs";

/** The local secrets, in the file and form that `wrangler dev` reads too. */
export const devVars = join(root, ".dev.vars");

/** Makes a file of random local secrets unless it is there; only its owner can read it. */
export function ensureSecrets(file = devVars) {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const lines = [
    `MASTER_KEY=${randomBytes(32).toString("base64")}`,
    `BOOTSTRAP_CLIENT_SECRET=${randomBytes(32).toString("base64url")}`,
    "BOOTSTRAP_ADMIN_EMAIL=admin@localhost",
    "",
  ];
  writeFileSync(file, lines.join("\n"), { mode: 0o600, flag: "wx" });
  say(`made ${file} with random local secrets`);
}

/** Reads `NAME=value` lines; quotes around a value are dropped, `#` starts a comment line. */
export function readSecrets(file = devVars) {
  chmodSync(file, 0o600);
  const settings = {};
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    if (line.trim() === "" || line.trim().startsWith("#")) continue;
    const found = /^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!found) throw new Stop(`${file} line ${index + 1} is not NAME=value`);
    settings[found[1]] = found[2].replace(/^(["'])(.*)\1$/, "$2");
  }
  return settings;
}

const text = (value) => typeof value === "string" && value !== "";
const optional = (rule) => (value) => value === undefined || value === "" || rule(value);
// Node decodes base64 leniently: what does not come out as it went in was not base64.
const base64 = (bytes) => (value) => {
  const decoded = Buffer.from(value ?? "", "base64");
  return decoded.length === bytes && decoded.toString("base64") === value;
};

/** Per setting: what it has to be, in words and as a test. */
const RULES = {
  PLATFORM_DOMAIN: ["a host name, with a port if it is not the scheme's own", (v) => text(v) && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/.test(v)],
  AUDIENCE: ["the audience of platform tokens", text],
  CF_ZONE_ID: ["a zone id of 32 hexadecimal digits, or empty", optional((v) => /^[0-9a-f]{32}$/.test(v))],
  MASTER_KEY: ["32 bytes in base64", base64(32)],
  BOOTSTRAP_ADMIN_EMAIL: ["an email address", (v) => text(v) && /^[^\s@]+@[^\s@]+$/.test(v)],
  BOOTSTRAP_CLIENT_SECRET: ["at least 32 characters, or absent", optional((v) => v.length >= 32)],
  OUTBOUND_ALLOW: ["a list of host:port, or absent", optional((v) => v.split(",").every((one) => /^[a-z0-9.-]+:[0-9]{1,5}$/.test(one)))],
  LOG: ["all or errors, or absent", optional((v) => v === "all" || v === "errors")],
  CLIENT_IP_HEADER: ["the name of a header, or absent", optional((v) => /^[A-Za-z0-9-]+$/.test(v))],
};

/** Settings that come in pairs: one without the other is a mistake. */
const PAIRS = [
  ["GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"],
  ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
];

/** Stops with the name of the first setting that is missing or malformed; never shows its value. */
export function checkSettings(settings) {
  for (const [name, [meaning, holds]] of Object.entries(RULES)) {
    if (!holds(settings[name])) throw new Stop(`setting ${name} is ${settings[name] ? "malformed" : "missing"}: it has to be ${meaning}`);
  }
  for (const [id, secret] of PAIRS) {
    if (Boolean(settings[id]) !== Boolean(settings[secret])) {
      throw new Stop(`setting ${settings[id] ? secret : id} is missing: ${id} and ${secret} go together`);
    }
  }
}
