// How a script drives headless Chromium: W3C WebDriver by chromedriver.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Stop, which } from "../scripts/lib/process.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
];

/** Starts a browser with a window of that many CSS pixels; answers what it can do. */
export async function browser({ width, height }) {
  const program = which("chromedriver");
  if (!program) throw new Stop("chromedriver is missing: node scripts/setup.mjs --browser installs it");
  const driver = spawn(program, ["--port=0"], { stdio: ["ignore", "pipe", "ignore"] });
  const profile = mkdtempSync(join(tmpdir(), "aero2-chromium-"));
  const port = await portOf(driver);
  const sessions = `http://127.0.0.1:${port}/session`;
  const chromium = { binary: which("chromium"), args: [...ARGUMENTS, `--user-data-dir=${profile}`] };
  const { sessionId } = await ask(sessions, "POST", { capabilities: { alwaysMatch: { "goog:chromeOptions": chromium } } });
  const session = `${sessions}/${sessionId}`;
  const post = (path, body = {}) => ask(`${session}${path}`, "POST", body);
  const find = async (selector) => `/element/${(await post("/element", { using: "css selector", value: selector }))[ELEMENT]}`;
  const run = (script) => post("/execute/sync", { script, args: [] });
  const devtools = (cmd, params) => post("/goog/cdp/execute", { cmd, params });
  const until = async (expression) => {
    const deadline = Date.now() + 15_000;
    while (!(await run(`return Boolean(${expression})`))) {
      if (Date.now() > deadline) throw new Stop(`it never came about that ${expression}`);
      await new Promise((settle) => setTimeout(settle, 50));
    }
  };
  await devtools("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1.25, mobile: false });

  return {
    open: (url) => post("/url", { url }),
    address: () => ask(`${session}/url`, "GET"),
    fill: async (name, text) => post(`${await find(`[name=${name}]`)}/value`, { text }),
    async click(selector) {
      await run("document.leaving = true");
      await post(`${await find(selector)}/click`);
      await until("!document.leaving && document.readyState === 'complete'");
    },
    until,
    /** Opens an address in another window; answers how to come back from it. */
    async elsewhere(url) {
      const here = await ask(`${session}/window`, "GET");
      const { handle } = await post("/window/new", { type: "tab" });
      await post("/window", { handle });
      await post("/url", { url });
      return () => post("/window", { handle: here });
    },
    /** A PNG of the window, light or dark. */
    async picture(scheme) {
      await devtools("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
      await run("document.activeElement?.blur()");
      return Buffer.from((await devtools("Page.captureScreenshot", { format: "png" })).data, "base64");
    },
    async close() {
      await ask(session, "DELETE").catch(() => {}); // it ends with the driver in any case
      driver.kill();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function portOf(driver) {
  for await (const line of createInterface({ input: driver.stdout })) {
    const found = /started successfully on port (\d+)/.exec(line);
    if (!found) continue;
    driver.stdout.resume();
    return found[1];
  }
  throw new Stop("chromedriver did not start");
}

async function ask(address, method, body) {
  const response = await fetch(address, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Stop(`${method} ${address}: ${value.message}`);
  return value;
}
