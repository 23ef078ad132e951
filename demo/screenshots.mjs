// `npm run screenshots`: the pictures of README.md and of the console, from a server of its own.

import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { local, root } from "../scripts/lib/places.mjs";
import { main, say, Stop } from "../scripts/lib/process.mjs";
import { build } from "../scripts/lib/worker.mjs";
import { startWorkerd } from "../scripts/lib/workerd.mjs";
import { serve } from "./application.mjs";
import { furnish, pictures } from "./console.mjs";
import { connect } from "./provider.mjs";
import { EMAIL, provision } from "./provision.mjs";
import { browser } from "./webdriver.mjs";

const OUT = join(root, "docs", "screenshots");
// What a reader of README.md has as well, so that the pictures show the same addresses.
const SERVER_PORT = 8787;
const PORT = 3000;
const BYTES_MAX = 150_000;

await main(async () => {
  await build("release");
  mkdirSync(local, { recursive: true });
  mkdirSync(OUT, { recursive: true });
  const data = mkdtempSync(join(local, "screenshots-"));
  const secret = randomBytes(32).toString("base64url");
  const settings = {
    MASTER_KEY: randomBytes(32).toString("base64"),
    BOOTSTRAP_CLIENT_SECRET: secret,
    BOOTSTRAP_ADMIN_EMAIL: "admin@localhost",
  };
  const server = await startWorkerd({ variant: "release", port: SERVER_PORT, data, settings });
  const application = `http://localhost:${PORT}`;
  const { issuer, password, client } = await provision({ server: `http://localhost:${SERVER_PORT}`, secret, application });
  await serve({ provider: await connect({ issuer, client, application }), port: PORT });

  const chromium = await browser({ width: 800, height: 640 });
  const picture = async (name, ...schemes) => {
    for (const scheme of schemes) {
      const png = await chromium.picture(scheme);
      if (png.length > BYTES_MAX) throw new Stop(`${name} has ${png.length} bytes; ${BYTES_MAX} is the most`);
      writeFileSync(join(OUT, `${name}${scheme === "dark" ? "-dark" : ""}.png`), png);
      say(`${name} (${scheme}): ${png.length} bytes`);
    }
  };
  try {
    await chromium.open(application);
    await picture("demo-home", "light");
    await chromium.click("form[action='/sign-in'] button");
    await picture("sign-in", "light", "dark");
    await chromium.fill("username", EMAIL);
    await chromium.fill("password", password);
    await chromium.click("main button[type=submit]");
    await picture("consent", "light", "dark");
    await chromium.click("button[value=allow]");
    await chromium.until("document.getElementById('live').textContent === 'session: live'");
    await picture("demo", "light", "dark");
    await chromium.open(`${issuer}/account/sessions`);
    await picture("account", "light", "dark");
    await chromium.open(application);
    await chromium.click("form[action='/refresh'] button");
    await chromium.until("document.getElementById('live').textContent === 'session: live'");
    const comeBack = await chromium.elsewhere(`${issuer}/account`);
    await chromium.click("form[action='/oauth/logout'] button");
    await comeBack();
    await chromium.until("!document.getElementById('ended').hidden");
    await picture("demo-ended", "light", "dark");
    await chromium.click("#ended a");
    await chromium.click("form[action='/sign-in'] button");
    await chromium.fill("username", EMAIL);
    await chromium.fill("password", password);
    await chromium.click("main button[type=submit]");
    await chromium.click("form[action='/sign-out'] button");
    if ((await chromium.address()).startsWith(issuer)) await chromium.click("button[value=allow]");
    if (!(await chromium.address()).startsWith(application)) throw new Stop(`signed out at ${await chromium.address()}`);
    await picture("demo-signed-out", "light");
    const platform = `http://localhost:${SERVER_PORT}`;
    const furnished = await furnish({ server: platform, secret, issuer });
    await pictures({ chromium, picture, server: platform, furnished });
  } finally {
    await chromium.close();
    await server.stop(1_000);
    rmSync(data, { recursive: true, force: true });
  }
  process.exit(0); // the application would listen for ever
});
