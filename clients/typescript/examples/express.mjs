// How does an API of Express use a verifier?

import express from "express";
import { Verifier, VerifyError } from "@aero2/verifier";

const { ISSUER: issuer, AUDIENCE: audience, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env;
const verifier = new Verifier({ issuer, audience, clientId, clientSecret });

/** Lets a request pass with a good token that allows `scope`, and only then. */
function bearer(scope) {
  return async (request, response, next) => {
    const [, token] = /^Bearer (\S+)$/i.exec(request.get("authorization") ?? "") ?? [];
    if (!token) return response.set("WWW-Authenticate", "Bearer").sendStatus(401);
    try {
      ({ token: request.token } = await verifier.verify(token));
    } catch (error) {
      if (!(error instanceof VerifyError)) return next(error);
      return response.set("WWW-Authenticate", 'Bearer error="invalid_token"').sendStatus(error.status);
    }
    if (!request.token.scopes.includes(scope)) return response.sendStatus(403);
    next();
  };
}

express()
  .get("/orders", bearer("orders.read"), (request, response) => response.send(`the orders of ${request.token.subject}`))
  .listen(3000);
