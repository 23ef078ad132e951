// Do the verifiers keep their promises with the built Worker on plain workerd?

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deploy } from "./deployment.mjs";
import { Link } from "./link.mjs";
import { prepare, ways } from "./verifiers.mjs";

/** Long before the server's own minute, long after a frame on this machine. */
const STALENESS_MS = 1_000;

let deployment;
before(async () => {
  await prepare();
  deployment = await deploy();
});
after(() => deployment.end());

for (const [name, way] of Object.entries(ways)) {
  const scenario = (about, play) => test(`${name}: ${about}`, { timeout: 120_000 }, (t) => play(t, stage(t, way)));

  scenario("a token is judged locally, and its revocation comes over the socket", async (t, { tenant, verifier }) => {
    const { issuer, feed, session } = await tenant();
    const [ada, other] = [await session(), await session()];
    const [token, elsewhere] = [await ada.token(), await other.token()];
    const { ask, link } = await verifier({ issuer, feed });
    assert.equal(await ask("live"), "live");
    assert.equal(await ask(`verify ${token}`), "feed");
    const asked = link.requests.length;
    assert.equal(await ask(`verify ${elsewhere}`), "feed");
    assert.equal(await ask(`verify ${token.slice(0, -4)}AAAA`), "refused 401");

    await ada.revoke();
    await until(t, "revoked 401", () => ask(`verify ${token}`));

    assert.equal(await ask("sync"), "synced");
    assert.equal(await ask(`verify ${elsewhere}`), "feed");
    assert.equal(link.requests.length, asked, "nothing was asked by request");
    assert.deepEqual(link.said.slice(0, 3), ["|", "start", "ack"]);
  });

  scenario("what was revoked while it was cut off is known once it is back, by its cursor", async (t, { tenant, verifier }) => {
    const { issuer, feed, session } = await tenant();
    const [before, during, other] = [await session(), await session(), await session()];
    const tokens = [await before.token(), await during.token(), await other.token()];
    const { ask, link } = await verifier({ issuer, feed });
    await ask("live");
    await before.revoke();
    await until(t, "revoked 401", () => ask(`verify ${tokens[0]}`));

    link.cut();
    await until(t, false, async () => JSON.parse(await ask("health")).isLive);
    await during.revoke();
    assert.equal(await ask(`verify ${tokens[1]}`), "feed", "within max_staleness it is not known, nor doubted");
    link.mend();
    assert.equal(await ask("live"), "live");

    const standings = [];
    for (const token of tokens) standings.push(await ask(`verify ${token}`));
    assert.deepEqual(standings, ["revoked 401", "revoked 401", "feed"]);
    assert.equal(link.said.filter((type) => type === "start").length, 1);
    assert.equal(link.said.filter((type) => type === "resume").length, 1);
  });

  scenario("what it has not heard of for too long is uncertain, and the policy decides", async (t, { tenant, verifier }) => {
    const { issuer, feed, session } = await tenant();
    const elsewhere = await (await session()).token();
    const policies = [
      ["introspect", "introspection", "revoked 401"],
      ["deny", "uncertain 503", "uncertain 503"],
      ["allow", "unconfirmed", "unconfirmed"],
    ];
    await Promise.all(policies.map(async ([policy, doubted, ended]) => {
      const ada = await session();
      const token = await ada.token();
      const { ask, link } = await verifier({ issuer, feed, WHEN_UNCERTAIN: policy, MAX_STALENESS_MS: String(STALENESS_MS) });
      await ask("live");
      await ask("sync");
      assert.equal(await ask(`verify ${token}`), "feed", policy);
      link.cut();
      await until(t, doubted, () => ask(`verify ${token}`));
      await ada.revoke();
      assert.equal(await ask(`verify ${token}`), ended, policy);
      link.mend();
      await ask("live");
      assert.equal(await ask("sync"), "synced");
      assert.equal(await ask(`verify ${token}`), "revoked 401", policy);
      assert.equal(await ask(`verify ${elsewhere}`), "feed", policy);
    }));
  });

  scenario("after an emergency rotation it begins anew, and goes on by the new keys", async (t, { tenant, verifier }) => {
    const { issuer, feed, session } = await tenant();
    const [ada, other] = [await session(), await session()];
    const { ask, link } = await verifier({ issuer, feed });
    await ask("live");
    link.cut();
    await until(t, false, async () => JSON.parse(await ask("health")).isLive);
    const old = await ada.token();
    await ada.revoke();
    await deployment.rotate();
    link.mend();
    await ask("live");

    // The missed record is signed by a key that nobody publishes any more: it is read once again, and then not any more.
    assert.deepEqual(link.said.filter((type) => ["start", "resume"].includes(type)), ["start", "resume", "resume", "start"]);
    assert.deepEqual(JSON.parse(await ask("health")), { isCertain: true, isLive: true, entries: 1 });
    assert.equal(await ask(`verify ${old}`), "refused 401");
    const token = await other.token();
    assert.equal(await ask(`verify ${token}`), "feed");
    await other.revoke();
    await until(t, "revoked 401", () => ask(`verify ${token}`));
  });
}

/** What a scenario makes; all of it ends with the test. */
function stage(t, way) {
  return {
    tenant: () => deployment.tenant(),
    async verifier({ issuer, feed, ...more }) {
      const link = await Link.to(deployment.port);
      t.after(() => link.close());
      const { ask, end } = await way({
        ISSUER: issuer,
        AUDIENCE: issuer,
        CLIENT_ID: feed.client_id,
        CLIENT_SECRET: feed.client_secret,
        CONNECT: link.address,
        WHEN_UNCERTAIN: "introspect",
        ...more,
      });
      t.after(end);
      return { ask, link };
    },
  };
}

/** Asks until it is so. */
async function until(t, wanted, ask) {
  let answer;
  while (!t.signal.aborted) if ((answer = await ask()) === wanted) return;
  assert.fail(`it stays ${answer}`);
}
