// `npm run dev [-- …]`: wrangler's development loop, which builds again at every change.

import { spawn } from "node:child_process";
import { buildAssets } from "./lib/assets.mjs";
import { npmBin, npmEnv, root } from "./lib/places.mjs";
import { main, must } from "./lib/process.mjs";
import { ensureSecrets } from "./lib/settings.mjs";

await main(async () => {
  ensureSecrets();
  const local = ["d1", "migrations", "apply", "ARCHIVE", "--local"];
  await must(npmBin("wrangler"), local, { env: { ...npmEnv(), CI: "true" } }); // CI: asks nothing
  await buildAssets(); // wrangler wants the folder before it builds
  const child = spawn(npmBin("wrangler"), ["dev", ...process.argv.slice(2)], { cwd: root, env: npmEnv(), stdio: "inherit" });
  // A Ctrl-C reaches wrangler too; it has things to put away and we wait for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.exitCode = await new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("exit", (code) => settle(code ?? 1));
  });
});
