// Do a hundred thousand live actors make signing in, refreshing, listing or showing slower?
//
// One server, measured twice: with ten tenants and ten sessions, and again when
// its test hooks have filled it by the messages that sign-ins send. What is
// measured is asked one after the other, as one person would, the same way
// both times. Filling is a durable write or five for each session, one tenant's
// in turn: a folder in memory (`--data /dev/shm`) is many times quicker.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { say, Stop } from "../scripts/lib/process.mjs";
import { insist, reach } from "../scripts/lib/reach.mjs";
import { startWorkerd } from "../scripts/lib/workerd.mjs";
import { build } from "../scripts/lib/worker.mjs";
import { adminOf, basic, EMAIL, grant, REDIRECT_URI, signIn } from "./people.mjs";

/** How many there are at first, of tenants and of sessions. */
const FEW = 10;
export const SESSIONS_MANY = 100_000;
const TENANTS_MANY = 1_000;

/** Sessions of each of those who fill: as many as their tenant admits at once without keeping anybody waiting too long. */
const SESSIONS_EACH = 25;
/** Requests that fill at once. */
const FILLERS = 2;

/** Samples of each: a sign-in costs a password's hash, which is most of it. */
const SIGN_INS = 15;
const SAMPLES = 60;
/** Not counted: the first ones wake and compile. */
const WARM = 5;

/** What is still the same: more is a miss, and is said. */
const RATIO_MAX = 1.3;

/** Measures, fills, measures again, with what is stored under `data`; answers the lines to print. */
export async function scale({ sessions, data: within }) {
  await build("test");
  mkdirSync(within, { recursive: true });
  const folder = mkdtempSync(join(within, "scale-"));
  const secret = randomBytes(32).toString("base64url");
  const settings = {
    MASTER_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_SECRET: secret,
    BOOTSTRAP_ADMIN_EMAIL: "admin@localhost",
    AUDIENCE: "urn:aero2:bench",
  };
  const data = join(folder, "data");
  let server;
  try {
    server = await startWorkerd({ variant: "test", port: 0, data, settings });
    const platform = `http://localhost:${server.port}`;
    const site = await house(platform, secret);
    await fill(site, FEW - 1, FEW);
    const few = await measure(site);
    const began = Date.now();
    await fill(site, TENANTS_MANY - FEW, 0);
    const before = bytesOf(data);
    await fill(site, 0, sessions - FEW);
    say(`filled with ${sessions} sessions and ${TENANTS_MANY} tenants in ${Math.round((Date.now() - began) / 1_000)} s`);
    const kib = (bytesOf(data) - before) / (sessions - FEW) / 1_024;
    const many = await measure(site);
    return report(few, many, { sessions, kib });
  } finally {
    await server?.stop(1_000);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A tenant, a person and an application; how each request is made. */
async function house(platform, secret) {
  const admin = await adminOf(platform, secret);
  const { issuer, id } = await admin("/tenants", { slug: "scale", name: "Scale" });
  const password = randomBytes(18).toString("base64url");
  await admin("/tenants/scale/users", { email: EMAIL, email_verified: true, name: "Ada Lovelace", password });
  const scope = "openid email offline_access";
  const client = await admin("/tenants/scale/clients", {
    client_name: "Scale",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    scope,
    token_endpoint_auth_method: "client_secret_basic",
    skip_consent: true,
  });
  const authorization = basic(client.client_id, client.client_secret);
  return { platform, secret, admin, issuer, id, password, client, authorization, scope, addresses: 0 };
}

/** So many more tenants, and so many more sessions of the one. */
async function fill({ platform, id }, tenants, sessions) {
  const hook = async (name, query) => {
    const answer = await reach(`${platform}/__test/${name}?${new URLSearchParams(query)}`, { signal: AbortSignal.timeout(120_000) });
    const made = await answer.json();
    if (made !== query.number) throw new Stop(`filling answers ${JSON.stringify(made)}, not ${query.number}`);
  };
  const pieces = (whole, each) => Array.from({ length: Math.ceil(whole / each) }, (_, n) => Math.min(each, whole - n * each));
  const todo = [
    ...pieces(tenants, 10).map((number) => () => hook("seed-tenants", { number })),
    ...pieces(sessions, SESSIONS_EACH).map((number) => () => hook("seed-sessions", { tenant: id, like: EMAIL, number })),
  ];
  const filler = async () => {
    for (let piece = todo.shift(); piece; piece = todo.shift()) await piece();
  };
  await Promise.all(Array.from({ length: FILLERS }, filler));
}

/** Medians in milliseconds, by what is done. */
async function measure(site) {
  const { platform, issuer, id, authorization, client, scope, secret } = site;
  let cookie;
  const signing = async () => {
    cookie = await signIn(issuer, site.password, site.addresses);
    site.addresses += 1;
  };
  const signedIn = await median(SIGN_INS, signing);
  let { refresh } = await grant({ issuer, client, authorization, cookie, scope });
  const refreshed = await median(SAMPLES, async () => {
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refresh });
    ({ refresh_token: refresh } = await whole(await reach(`${issuer}/oauth/token`, { method: "POST", headers: { authorization }, body })));
  });
  const form = new URLSearchParams({ grant_type: "client_credentials", scope: "admin" });
  const token = await whole(await reach(`${platform}/oauth/token`, { method: "POST", headers: { authorization: basic("bootstrap", secret) }, body: form }));
  const headers = { authorization: `Bearer ${token.access_token}` };
  const get = async (path) => whole(await insist(`${platform}/admin/v1${path}`, { headers }));
  const list = () => get(`/actors/session?tenant=${id}&state=live&limit=10`);
  const { items } = await list();
  const one = encodeURIComponent(items[0].name);
  return {
    "sign-in": signedIn,
    refresh: refreshed,
    list: await median(SAMPLES, list),
    "show a session": await median(SAMPLES, () => get(`/actors/session/${one}`)),
    "show their tenant": await median(SAMPLES, () => get(`/actors/tenant/${id}`)),
    counts: await median(SAMPLES, () => get("/actors")),
  };
}

async function median(samples, work) {
  const times = [];
  for (let number = -WARM; number < samples; number += 1) {
    const began = performance.now();
    await work();
    if (number >= 0) times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

async function whole(answer) {
  const text = await answer.text();
  if (!answer.ok) throw new Stop(`the server answers ${answer.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

const bytesOf = (folder) => Number(execFileSync("du", ["-s", "--block-size=1", folder], { encoding: "utf8" }).split("\t")[0]);

function report(few, many, { sessions, kib }) {
  const lines = Object.entries(few).map(([name, before]) => {
    const ratio = many[name] / before;
    const verdict = ratio > RATIO_MAX ? `, more than ${RATIO_MAX}` : "";
    return `${name}: p50 ${before.toFixed(1)} ms with ${FEW}, ${many[name].toFixed(1)} ms with ${sessions}: ${ratio.toFixed(2)}${verdict}`;
  });
  return [...lines, `${kib.toFixed(1)} KiB of disk for a session, with all that is told of it elsewhere`];
}
