// How does an API of Hono use a verifier?

import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { Verifier, VerifyError } from "@aero2/verifier";

const { ISSUER: issuer, AUDIENCE: audience, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env;
const verifier = new Verifier({ issuer, audience, clientId, clientSecret });

/** Lets a request pass with a good token that allows `scope`, and only then. */
const bearer = (scope) =>
  createMiddleware(async (c, next) => {
    const [, token] = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    if (!token) return c.text("", 401, { "WWW-Authenticate": "Bearer" });
    try {
      c.set("token", (await verifier.verify(token)).token);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      return c.text("", error.status, { "WWW-Authenticate": 'Bearer error="invalid_token"' });
    }
    if (!c.get("token").scopes.includes(scope)) return c.text("", 403);
    await next();
  });

export default new Hono().get("/orders", bearer("orders.read"), (c) => c.text(`the orders of ${c.get("token").subject}`));
