// An application without a server of its own: it holds the tokens itself, and asks for tickets with them.

import { watchSession } from "/session.js";

const { issuer, client_id, code_verifier } = await (await fetch("/settings.json")).json();
const status = document.getElementById("status");

// When a person can read it: the test compares this with when it asked.
new MutationObserver(() => {
  if (status.textContent.startsWith("signed out")) globalThis.signedOutAt ??= performance.now();
}).observe(status, { childList: true });

const token = await redeemed();
watchSession({
  issuer,
  ticket,
  onLive: () => say("signed in"),
  onUncertain: (code) => say(`uncertain: ${code}`),
  onEnded: ({ reason }) => say(`signed out: ${reason}`),
});

function say(text) {
  status.textContent = text;
}

async function redeemed() {
  const code = new URLSearchParams(location.search).get("code");
  const body = new URLSearchParams({ grant_type: "authorization_code", code, client_id, code_verifier, redirect_uri: location.origin + location.pathname });
  const answer = await fetch(`${issuer}/oauth/token`, { method: "POST", body });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).access_token;
}

async function ticket() {
  const answer = await fetch(`${issuer}/v1/sessions/tickets`, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).ticket;
}
