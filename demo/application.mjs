// What the application answers, and what it remembers of each browser.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Stop } from "../scripts/lib/process.mjs";
import { home, profile, trouble } from "./pages.mjs";
import { refusal } from "./provider.mjs";

const COOKIE = "acme_notes";
/** What pages load. */
const FILES = {
  "/style.css": file("style.css", "text/css"),
  "/watch.js": file("watch.js", "text/javascript"),
  "/session.js": file("../clients/browser/session.js", "text/javascript"),
};

/** More browsers than try a demo; the oldest is forgotten first. */
const VISITORS_MAX = 1_000;

/** Serves the application on this machine; resolves once it listens. */
export function serve({ provider, port }) {
  const visitors = new Map();
  const server = createServer((request, response) => {
    const visit = { provider, request, response, url: new URL(request.url, provider.application), ...known(visitors, request, response) };
    answer(visit).catch((error) => failed(visit, error));
  });
  return new Promise((settle, fail) => {
    server.on("error", (error) => fail(new Stop(error.code === "EADDRINUSE" ? `port ${port} is in use: choose another with --port` : error.message)));
    server.listen(port, "127.0.0.1", settle);
  });
}

const routes = {
  "GET /": show,
  ...Object.fromEntries(Object.entries(FILES).map(([path, { type, content }]) => [`GET ${path}`, ({ response }) => send(response, 200, { "content-type": type }, content)])),
  "POST /sign-in": signIn,
  "GET /callback": callback,
  "POST /refresh": refresh,
  "POST /session-ticket": sessionTicket,
  "POST /sign-out": signOut,
};

async function answer(visit) {
  const { request, response, url, provider } = visit;
  const route = routes[`${request.method} ${url.pathname}`];
  if (!route) return page(visit, 404, trouble("There is nothing here."));
  // A form may only come from our own page; a browser says where it comes from.
  if (request.method === "POST" && request.headers.origin !== provider.application) return page(visit, 403, trouble("This form is not ours."));
  request.resume();
  await route(visit);
  if (!response.writableEnded) throw new Error(`${url.pathname} was not answered`);
}

async function show(visit) {
  const { provider, visitor } = visit;
  const note = visitor.note;
  visitor.note = undefined;
  if (!visitor.tokens) return page(visit, 200, home({ note, provider }));
  try {
    const [userinfo, introspection] = await Promise.all([provider.userinfo(visitor.tokens), provider.introspect(visitor.tokens)]);
    return page(visit, 200, profile({ note, provider, tokens: visitor.tokens, refreshes: visitor.refreshes, userinfo, introspection }));
  } catch (error) {
    return ended(visit, error);
  }
}

async function signIn({ provider, response, remember }) {
  const { address, checks } = await provider.begin();
  remember({ checks });
  redirect(response, address);
}

async function callback({ provider, response, visitor, remember, url }) {
  if (!visitor.checks) return redirect(response, "/");
  const { checks } = visitor;
  visitor.checks = undefined;
  const tokens = await provider.finish(url, checks);
  // A new id: whoever knew the one from before the sign-in knows nothing.
  remember({ tokens, refreshes: 0 });
  redirect(response, "/");
}

async function refresh(visit) {
  const { provider, response, visitor } = visit;
  if (!visitor.tokens) return redirect(response, "/");
  try {
    visitor.tokens = await provider.refresh(visitor.tokens);
    visitor.refreshes += 1;
    redirect(response, "/");
  } catch (error) {
    ended(visit, error);
  }
}

/** A ticket for the page's script; 401 once the session has ended. */
async function sessionTicket({ provider, response, visitor }) {
  const hand = async () => send(response, 200, { "content-type": "text/plain" }, await provider.ticket(visitor.tokens));
  if (!visitor.tokens) return send(response, 401, {}, "");
  try {
    await hand().catch(async (error) => {
      if (!refusal(error)) throw error;
      // The access token may have expired, and nothing else.
      visitor.tokens = await provider.refresh(visitor.tokens);
      await hand();
    });
  } catch (error) {
    if (!refusal(error)) throw error;
    send(response, 401, {}, "");
  }
}

async function signOut({ provider, response, visitor, remember }) {
  const { tokens } = visitor;
  remember({ note: "You are signed out." });
  redirect(response, tokens ? provider.signOut(tokens) : "/");
}

/** The provider no longer knows the tokens: the session was ended there. */
function ended({ provider, response, remember }, error) {
  if (!refusal(error)) throw error;
  remember({ note: `Your session was ended at ${provider.issuer}.` });
  redirect(response, "/");
}

function failed(visit, error) {
  const word = refusal(error);
  if (!word) console.error(error);
  if (visit.response.headersSent) return visit.response.destroy();
  page(visit, word ? 400 : 500, trouble(word === "access_denied" ? "You did not consent, so nothing was shared." : `Signing in failed: ${word ?? error.message}.`));
}

/** What is remembered of the browser, and how to remember something else under a new id. */
function known(visitors, request, response) {
  const id = new RegExp(`(?:^|; )${COOKIE}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(request.headers.cookie ?? "")?.[1];
  return { visitor: visitors.get(id) ?? {}, remember };

  function remember(visitor) {
    visitors.delete(id);
    if (visitors.size >= VISITORS_MAX) visitors.delete(visitors.keys().next().value);
    const next = randomBytes(32).toString("base64url");
    visitors.set(next, visitor);
    response.setHeader("set-cookie", `${COOKIE}=${next}; Path=/; HttpOnly; SameSite=Lax`);
  }
}

function file(name, type) {
  return { type, content: readFileSync(new URL(name, import.meta.url)) };
}

function redirect(response, location) {
  send(response, 303, { location }, "");
}

function page({ provider, response }, status, html) {
  const socket = provider.issuer.replace(/^http/, "ws");
  const policy = `default-src 'none'; script-src 'self'; connect-src 'self' ${socket}; style-src 'self'; img-src data:; form-action 'self' ${provider.issuer}; base-uri 'none'; frame-ancestors 'none'`;
  send(response, status, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy }, html);
}

function send(response, status, headers, body) {
  response.writeHead(status, { "cache-control": "no-store", "referrer-policy": "same-origin", "x-content-type-options": "nosniff", ...headers });
  response.end(body);
}
