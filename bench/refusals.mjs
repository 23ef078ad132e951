// Does the time of a refused sign-in tell why it was refused?
//
// One attempt after the other, each from an address and at an account of its
// own, since neither may fail often; the reasons in an order drawn anew for
// every round. Whether their medians differ by more
// than noise is asked of the measurements themselves: how often do the same
// times, dealt to the reasons by lot, differ as much?

import { randomBytes, randomInt } from "node:crypto";
import { Stop } from "../scripts/lib/process.mjs";
import { insist, reach } from "../scripts/lib/reach.mjs";
import { adminOf, csrfOf } from "./people.mjs";

/** Attempts for each reason, each at another account; as many as a /24 has room for, at most. */
const ATTEMPTS = 80;

/** Rounds that are not counted: the first sign-in of a process compiles and founds. */
const WARM = 5;

/** Deals of the times by lot. */
const DEALS = 2_000;

/** A difference that a lot gives less often than this is not noise. */
const CHANCE_MIN = 0.01;

/** Measures every reason; answers what to print. */
export async function refusals({ platform, secret }) {
  const reasons = await house(platform, secret);
  const times = Object.fromEntries(reasons.map(({ name }) => [name, []]));
  for (let round = -WARM; round < ATTEMPTS; round += 1) {
    for (const [place, { name, account, ...typed }] of shuffled(reasons).entries()) {
      // 198.18.0.0/15 is for benchmarks (RFC 2544).
      const number = round + WARM;
      const took = await refusal({ ...typed, username: `${account}${number}@example.com`, from: `198.18.${place}.${number}` });
      if (round >= 0) times[name].push(took);
    }
  }
  return report(times);
}

/** A tenant with the accounts that sign-ins are refused for. */
async function house(platform, secret) {
  const admin = await adminOf(platform, secret);
  const { issuer } = await admin("/tenants", { slug: "refusals", name: "Refusals" });
  const [password, other] = [randomBytes(18), randomBytes(18)].map((bytes) => bytes.toString("base64url"));
  const user = { email_verified: true, name: "Ada Lovelace", password };
  for (let number = 0; number < WARM + ATTEMPTS; number += 1) {
    await admin("/tenants/refusals/users", { ...user, email: `known${number}@example.com` });
    const { sub } = await admin("/tenants/refusals/users", { ...user, email: `ended${number}@example.com` });
    await admin(`/tenants/refusals/users/${sub}`, { status: "disabled" }, "PATCH");
  }
  return [
    { name: "unknown account", issuer, account: "never", password },
    { name: "wrong password", issuer, account: "known", password: other },
    { name: "disabled account", issuer, account: "ended", password },
  ];
}

/** Milliseconds from sending the form to the last byte of the answer. */
async function refusal({ issuer, username, password, from }) {
  const headers = { "cf-connecting-ip": from };
  const { csrf, cookie } = await csrfOf(await insist(`${issuer}/login`, { headers }));
  const body = new URLSearchParams({ csrf, username, password });
  const began = performance.now();
  const answer = await reach(`${issuer}/login`, { method: "POST", headers: { ...headers, origin: issuer, cookie }, body });
  await answer.arrayBuffer();
  const took = performance.now() - began;
  if (answer.status !== 422) throw new Stop(`refusing ${username} answers ${answer.status}`);
  return took;
}

function report(times) {
  const names = Object.keys(times);
  const groups = Object.values(times);
  const width = Math.max(...names.map((name) => name.length));
  const row = (name) => {
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(times[name], share).toFixed(2));
    return `${name.padEnd(width)}  ${middle} ms (middle half ${low} to ${high})`;
  };
  const ratio = ratioOf(groups);
  const chance = chanceOf(groups, ratio);
  const verdict = chance < CHANCE_MIN ? "which TELLS them apart" : "which is noise";
  return [
    `refused sign-ins, medians of ${ATTEMPTS} each:`,
    ...names.map(row),
    `largest / smallest is ${ratio.toFixed(3)}; by lot it is as much in ${(chance * 100).toFixed(1)} % of cases, ${verdict}`,
  ].join("\n");
}

/** The share of deals in which the medians lie as far apart as they do. */
function chanceOf(groups, ratio) {
  const all = groups.flat();
  let reached = 0;
  for (let deal = 0; deal < DEALS; deal += 1) {
    const dealt = shuffled(all);
    const hands = groups.map((group, number) => dealt.slice(number * group.length, (number + 1) * group.length));
    if (ratioOf(hands) >= ratio) reached += 1;
  }
  return reached / DEALS;
}

function ratioOf(groups) {
  const middles = groups.map((group) => quantile(group, 0.5));
  return Math.max(...middles) / Math.min(...middles);
}

function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place % 1);
}

function shuffled(items) {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [all[last], all[other]] = [all[other], all[last]];
  }
  return all;
}
