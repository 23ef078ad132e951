// From asking for a revocation to the frames that tell of it, beside a plain object that only broadcasts.

import { randomBytes } from "node:crypto";
import { reach } from "../scripts/lib/reach.mjs";
import { Stop } from "../scripts/lib/process.mjs";
import { idle } from "./idle.mjs";
import { adminOf, signIn } from "./people.mjs";
import { closeAll, open, openAll, reachAll } from "./sockets.mjs";

/** How many listen at once. */
const CROWDS = [1_000, 5_000];

/** How many listen while nothing happens. */
const IDLE = 5_000;

/** Revocations in each crowd: enough for a p99 of the tabs, few enough to sign in for. */
const ROUNDS = 40;

/** Tabs of sessions of their own, each ended once. */
const TABS = 100;

/** As large as a signed security event token of ours is. */
const FRAME_BYTES = 900;

const PROTOCOL = "aero2.revocation.v1";

/** Measures; answers lines to print. */
export async function push({ broadcast: floor, ours, platform, secret }) {
  const listeners = await readers({ platform, secret });
  const lines = [];
  for (const count of CROWDS) {
    const plain = await plainCrowd(floor, count);
    const feed = await feedCrowd(ours, listeners, count);
    const ratio = median(feed.map(({ last }) => last)) / median(plain.map(({ last }) => last));
    lines.push(line(`plain broadcast to ${count}`, plain), line(`feed of ${count}`, feed));
    lines.push(`the last frame of the feed to ${count} comes at ${ratio.toFixed(2)} of the plain one's time; the aim is 1.2`);
  }
  const sockets = await feeds(ours, listeners, IDLE);
  lines.push(await idle({ sockets, pid: ours.pid, look: listeners.look }));
  closeAll(sockets);
  lines.push(line(`one tab of ${TABS} sessions`, await tabs(ours, listeners)), "the aim for one tab is a p99 of 50 ms");
  return lines;
}

async function plainCrowd(floor, count) {
  const sockets = await openAll(count, () => open({ port: floor.port, host: "floor.localhost", path: "/" }));
  const frame = "x".repeat(FRAME_BYTES);
  const told = [];
  for (let round = 0; round < ROUNDS; round += 1) told.push(await reachAll(sockets, () => post(`${floor.url}/`, {}, frame)));
  closeAll(sockets);
  return told;
}

async function feedCrowd(ours, listeners, count) {
  const { begin, ending } = listeners;
  const sockets = await feeds(ours, listeners, count);
  const told = [];
  for (let round = 0; round < ROUNDS; round += 1) told.push(await reachAll(sockets, await ending(await begin()), isEvent));
  closeAll(sockets);
  return told;
}

/** Feeds that have caught up. */
const feeds = (ours, { host, tokens }, count) =>
  openAll(count, (number) =>
    open({
      port: ours.port,
      host,
      path: "/v1/revocations/events",
      protocols: [PROTOCOL],
      headers: { authorization: `Bearer ${tokens[number % tokens.length]}` },
      first: JSON.stringify({ type: "start" }),
      isReady: (frame) => JSON.parse(frame).type === "caught_up",
    }),
  );

async function tabs(ours, { host, issuer, begin, ending }) {
  const told = [];
  for (let number = 0; number < TABS; number += 1) {
    const cookie = await begin();
    const tab = await open({
      port: ours.port,
      host,
      path: "/v1/sessions/events",
      protocols: [PROTOCOL],
      headers: { cookie, origin: issuer },
      first: JSON.stringify({ type: "start" }),
      isReady: (frame) => JSON.parse(frame).type === "caught_up",
    });
    tab.removeAllListeners("close");
    told.push(await reachAll([tab], await ending(cookie), isEvent));
    closeAll([tab]);
  }
  return told;
}

const isEvent = (frame) => JSON.parse(frame).type === "event";

/** A tenant with clients that may listen, and a person who signs in and out. */
async function readers({ platform, secret }) {
  const admin = await adminOf(platform, secret);
  const { id, issuer } = await admin("/tenants", { slug: "push", name: "Push" });
  const password = randomBytes(18).toString("base64url");
  await admin("/tenants/push/users", { email: "ada@example.com", email_verified: true, name: "Ada Lovelace", password });
  const tokens = [];
  for (let number = 0; number < Math.max(...CROWDS) / 500; number += 1) {
    const client = await admin("/tenants/push/clients", {
      client_name: `Resource server ${number}`,
      grant_types: ["client_credentials"],
      scope: "revocations.read",
    });
    const authorization = `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64")}`;
    const answer = await post(`${issuer}/oauth/token`, { authorization }, new URLSearchParams({ grant_type: "client_credentials", scope: "revocations.read" }));
    tokens.push((await answer.json()).access_token);
  }
  let signedIn = 0;
  const begin = () => signIn(issuer, password, signedIn++ % 250);
  const ending = (cookie) => signOut(issuer, cookie);
  const look = () => admin(`/actors/revocations/${id}`, undefined, "GET");
  return { host: new URL(issuer).host, issuer, tokens, begin, ending, look };
}

/** Answers how to end the session: one request, and nothing else is measured. */
async function signOut(issuer, cookie) {
  const { items } = await (await reach(`${issuer}/v1/sessions`, { headers: { cookie } })).json();
  const { sid } = items.find((session) => session.is_current);
  return async () => {
    const answer = await reach(`${issuer}/v1/sessions/${sid}`, { method: "DELETE", headers: { cookie, origin: issuer } });
    if (answer.status !== 204) throw new Stop(`ending a session answers ${answer.status}: ${await answer.text()}`);
  };
}

async function post(address, headers, body) {
  const answer = await reach(address, { method: "POST", headers, body });
  if (!answer.ok) throw new Stop(`${address} answers ${answer.status}: ${await answer.text()}`);
  return answer;
}

function line(name, told) {
  const figures = ["first", "last"].map((which) => {
    const times = told.map((one) => one[which]).toSorted((a, b) => a - b);
    return `${which} frame p50 ${median(times).toFixed(1)} ms, p99 ${times[Math.ceil(times.length * 0.99) - 1].toFixed(1)} ms`;
  });
  return `${name}: ${figures.join("; ")}`;
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
