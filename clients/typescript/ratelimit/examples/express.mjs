// How does an API of Express use a limit?

import express from "express";
import { Limiter } from "@aero2/ratelimit";
import { limit } from "@aero2/ratelimit/express";

const { ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env;
const limiter = new Limiter({
  issuer,
  clientId,
  clientSecret,
  // Without these two, who cannot be limited is refused with 503.
  whenUnavailable: "allow",
  tell: (error) => console.error(`passed without a limit, or was not settled: ${error.message}`),
});

/** Who asks; behind a proxy, set Express's `trust proxy`. */
const subject = (request) => `address:${request.ip}`;

express()
  .get("/health", (_, response) => response.send("good"))
  .use(limit(limiter, { policy: "api", subject }))
  .get("/orders", (request, response) => response.send(`the orders; ${request.rateLimit.rules[0]?.remaining} requests are left`))
  // Exports cost ten, and only those that come about.
  .post("/exports", limit(limiter, { policy: "exports", subject, cost: 10, holdMs: 30_000 }), (_, response) => response.send("begun"))
  .listen(3000);
