// Shows that the session has ended the moment it ends, wherever it was ended.

import { watchSession } from "/session.js";

const live = document.getElementById("live");
const words = {
  signed_out: "You signed out in another window.",
  signed_out_elsewhere: "You ended this session from elsewhere.",
  password_changed: "The password was changed.",
  administrator: "An administrator ended your session.",
  user_disabled: "The account was disabled.",
};

watchSession({
  issuer: live.dataset.issuer,
  ticket,
  onLive: () => say("live", ""),
  onUncertain: (code) => say(code ? `not watched (${code})` : "connecting again …", "off"),
  onEnded({ reason }) {
    say("signed out", "off");
    document.title = `Signed out · ${document.title}`;
    document.getElementById("ended-why").textContent = words[reason] ?? "The session has ended.";
    document.getElementById("ended").hidden = false;
    for (const part of document.querySelectorAll("main > section")) part.inert = true;
  },
});

function say(text, name) {
  live.textContent = `session: ${text}`;
  live.className = `badge ${name}`;
}

async function ticket() {
  const answer = await fetch("/session-ticket", { method: "POST" });
  if (answer.status === 401) return null;
  if (!answer.ok) throw new Error("no ticket now");
  return answer.text();
}
