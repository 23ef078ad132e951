// How does an API of Hono use a limit?

import { Hono } from "hono";
import { EXEMPT, Limiter } from "@aero2/ratelimit";
import { limit } from "@aero2/ratelimit/hono";

const { ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env;
const limiter = new Limiter({ issuer, clientId, clientSecret });

/** Who asks: the user of a session that another middleware has verified, or their address. */
const subject = (c) => {
  if (c.req.path === "/health") return EXEMPT;
  // On Cloudflare Workers; elsewhere, read what your proxy says, and nobody else.
  return `address:${c.req.header("CF-Connecting-IP") ?? "unknown"}`;
};

export default new Hono()
  .use(limit(limiter, { policy: "api", subject }))
  .get("/health", (c) => c.text("good"))
  .get("/orders", (c) => c.text(`the orders; ${c.get("rateLimit").rules[0]?.remaining} requests are left`))
  // Exports cost ten, and only those that come about.
  .post("/exports", limit(limiter, { policy: "exports", subject, cost: 10, holdMs: 30_000 }), (c) => c.text("begun"));
