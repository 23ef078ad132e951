// What the application's pages look like.

const CLAIMS = {
  iss: "who says so",
  sub: "about whom",
  aud: "for whom",
  sid: "in which session",
  nonce: "to which request",
  at_hash: "with which access token",
  auth_time: "signed in",
  iat: "issued",
  exp: "holds until",
  nbf: "not before",
  updated_at: "last changed",
};
const TIMES = new Set(["auth_time", "iat", "exp", "nbf", "updated_at"]);

/** Nobody is signed in. */
export function home({ note, provider }) {
  return shell("Acme Notes", html`
    ${said(note)}
    <section class="hero">
      <p class="mark" aria-hidden="true">A</p>
      <h1>Notes for people at Acme</h1>
      <p class="lead">A small application that leaves signing in to its OpenID provider at <b>${new URL(provider.issuer).host}</b>.</p>
      <form method="post" action="/sign-in"><button class="button">Sign in with Acme</button></form>
      <p class="fine">The terminal shows an e-mail address and a password; or create an account on the way.</p>
    </section>
    <ol class="steps">
      <li><b>Sign in</b> on Acme’s own page. This application never sees a password.</li>
      <li><b>Consent</b> to what it may know about you.</li>
      <li><b>Come back</b> with a code, worth an ID token to this application alone.</li>
    </ol>`);
}

/** Somebody is. */
export function profile({ note, provider, tokens, refreshes, userinfo, introspection }) {
  const name = userinfo.name ?? userinfo.email ?? tokens.claims.sub;
  const times = refreshes === 1 ? "once" : `${refreshes} times`;
  return shell(`${name} · Acme Notes`, html`
    ${said(note)}
    <p class="note" id="ended" role="alert" hidden><b>Signed out.</b> <span id="ended-why"></span> <a href="/">Go on</a></p>
    <section class="person">
      <p class="mark" aria-hidden="true">${[...name][0].toUpperCase()}</p>
      <div><h1>Hello, ${name}</h1><p>${userinfo.email ?? ""} <span class="badge off" id="live" data-issuer="${provider.issuer}">session: connecting …</span></p></div>
      <form method="post" action="/sign-out"><button class="button quiet">Sign out</button></form>
    </section>
    <section class="card">
      <h2>ID token <span class="badge">verified, ${tokens.header.alg}</span></h2>
      ${table(tokens.claims)}
    </section>
    <section class="card">
      <h2>UserInfo</h2>
      ${table(userinfo)}
    </section>
    <section class="card">
      <h2>Access token <span class="badge${introspection.active ? "" : " off"}">${introspection.active ? "active" : "not active"}</span></h2>
      ${table(introspection)}
      <form method="post" action="/refresh">
        <button class="button">Refresh the tokens</button>
        <span class="fine">${refreshes === 0 ? "They have not been refreshed yet." : `They have been refreshed ${times}.`}
        End the session on <a href="${provider.issuer}/account/sessions" target="_blank" rel="noopener noreferrer">your account page</a> and watch this one.</span>
      </form>
    </section>
    <script type="module" src="/watch.js"></script>`);
}

/** Something went wrong. */
export function trouble(text) {
  return shell("Acme Notes", html`
    <section class="hero">
      <h1>That did not work</h1>
      <p class="lead">${text}</p>
      <p><a class="button" href="/">Start again</a></p>
    </section>`);
}

function shell(title, body) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><a href="/">Acme Notes</a><span>a demo of aero2</span></header>
<main>${body}</main>
</body>
</html>`.text;
}

function said(note) {
  return note ? html`<p class="note" role="status">${note}</p>` : "";
}

function table(members) {
  const rows = Object.entries(members).map(([name, value]) => {
    const words = TIMES.has(name) ? new Date(value * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC") : spelled(value);
    return html`<tr><th scope="row"><code>${name}</code>${name in CLAIMS ? html`<small>${CLAIMS[name]}</small>` : ""}</th><td>${words}</td></tr>`;
  });
  return html`<table>${rows}</table>`;
}

function spelled(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A template whose values are escaped, except what is such a template itself. */
function html(strings, ...values) {
  const part = (value) => {
    if (Array.isArray(value)) return value.map(part).join("");
    if (value instanceof Markup) return value.text;
    return String(value).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
  };
  return new Markup(String.raw({ raw: strings }, ...values.map(part)));
}

class Markup {
  constructor(text) {
    this.text = text;
  }
}
