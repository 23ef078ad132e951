// `npm run demo [-- --server URL --port N]`: gives a running server a tenant, a
// person and an application, and serves that application to click through.

import { parseArgs } from "node:util";
import { existsSync } from "node:fs";
import { main, say, Stop } from "../scripts/lib/process.mjs";
import { devVars, readSecrets } from "../scripts/lib/settings.mjs";
import { serve } from "./application.mjs";
import { connect } from "./provider.mjs";
import { EMAIL, provision } from "./provision.mjs";

await main(async () => {
  const { server, port } = options();
  const application = `http://localhost:${port}`;
  const { issuer, password, client } = await provision({ server, secret: bootstrapSecret(), application });
  const provider = await connect({ issuer, client, application });
  await serve({ provider, port });
  say(`tenant acme is at ${issuer}`);
  say(`sign in as ${EMAIL} with the password ${password}, or create an account`);
  say(`open ${application} (Ctrl-C stops it)`);
});

function options() {
  const { values } = parseArgs({
    options: {
      server: { type: "string", default: "http://localhost:8787" },
      port: { type: "string", default: "3000" },
    },
  });
  if (!URL.canParse(values.server)) throw new Stop(`--server is an address, not ${values.server}`);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Stop(`--port is a number from 1 to 65535, not ${values.port}`);
  return { server: new URL(values.server).origin, port };
}

/** What opens the admin API: from the environment, else where `npm start` keeps it. */
function bootstrapSecret() {
  const secret = process.env.BOOTSTRAP_CLIENT_SECRET ?? (existsSync(devVars) && readSecrets().BOOTSTRAP_CLIENT_SECRET);
  if (!secret) throw new Stop("BOOTSTRAP_CLIENT_SECRET is neither set nor in .dev.vars: run npm start first");
  return secret;
}
