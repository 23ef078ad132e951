// What do all views share: who is signed in, where we are, and what is live?

import { effect, signal } from "@preact/signals";
import { Api, Stale } from "./lib/api.ts";
import { Feed, type Frame, type Status } from "./lib/live.ts";
import { SignIn, type Waiting } from "./lib/sign_in.ts";
import type { Me } from "./lib/types.ts";

/** What may be seen: nothing yet, the way in, or everything. */
export type Phase = { is: "starting" } | { is: "out"; why?: string | undefined } | { is: "in"; me: Me };

export const signIn = new SignIn({
  origin: location.origin,
  go: (url) => location.assign(url),
  storage: sessionStorage,
  fetch: (...asked) => fetch(...asked),
  now: () => Date.now(),
});
export const api = new Api(signIn, (...asked) => fetch(...asked));

export const phase = signal<Phase>({ is: "starting" });
export const place = signal({ path: location.pathname, query: new URLSearchParams(location.search) });
/** What was just done, for everybody to see and to hear. */
export const done = signal("");
/** An act that waited for a fresh sign-in, and is offered again. */
export const waiting = signal<Waiting | undefined>(undefined);
/** The time, for texts that say how long ago something was. */
export const now = signal(Date.now());

/** Who is signed in. Views are shown to nobody else. */
export function me(): Me {
  const current = phase.value;
  if (current.is !== "in") throw new Error("nobody is signed in");
  return current.me;
}

function look(): void {
  place.value = { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** Shows another address of the console. */
export function go(address: string): void {
  history.pushState(null, "", address);
  look();
}

/** Says the same address in other words, a search for instance. */
export function restate(address: string): void {
  history.replaceState(null, "", address);
  look();
}

function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest("a");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || !/^\/admin(\/|$)/.test(link.pathname) || link.hash || link.target || link.download) return;
  if (link.pathname.startsWith("/admin/v1/")) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

/** `/` leads to the search of the view. */
function seek(event: KeyboardEvent): void {
  const at = event.target as HTMLElement;
  if (event.key !== "/" || event.ctrlKey || event.metaKey || at.closest("input, textarea, select, dialog")) return;
  const search = document.querySelector<HTMLElement>("[data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
}

const here = () => location.pathname + location.search;

/** Goes to the sign-in page for a sign-in that is fresh enough, and comes back to offer the act again. */
export function refresh(stale: Stale, act: Waiting): Promise<void> {
  const { email } = me();
  return signIn.leave(here(), { prompt: "login", max_age: stale.maxAge, ...(email ? { login_hint: email } : {}) }, act);
}

export const enter = () => signIn.leave(here().startsWith("/admin/callback") ? "/admin" : here());

async function welcome(): Promise<void> {
  try {
    phase.value = { is: "in", me: await api.get<Me>("/admin/v1/me") };
  } catch (error) {
    phase.value = { is: "out", why: error instanceof Error ? error.message : String(error) };
  }
}

/** Begins: comes back from the sign-in page, or asks it whether somebody is signed in. */
export async function start(): Promise<void> {
  addEventListener("popstate", look);
  addEventListener("click", follow);
  addEventListener("keydown", seek);
  setInterval(() => (now.value = Date.now()), 1_000);
  signIn.onEnd = () => (phase.value = { is: "out", why: "Your session has ended." });
  const { path, query } = place.value;
  if (path !== "/admin/callback") return signIn.leave(here(), { prompt: "none" });
  const landing = await signIn.land(query);
  restate(landing.back);
  if (landing.is === "out") {
    phase.value = { is: "out", why: landing.why };
    return;
  }
  waiting.value = landing.waiting;
  await welcome();
}

interface Listening {
  feed: Feed;
  ears: Set<(frame: Frame) => void>;
}

const feeds = new Map<string, Listening>();
/** How the feeds stand, for the mark at the top: the worst of them. */
export const live = signal<Status | undefined>(undefined);

function tell(): void {
  const all = [...feeds.values()].map(({ feed }) => feed.status);
  live.value = all.find((status) => status === "reconnecting") ?? all.find((status) => status === "connecting") ?? all[0];
}

function begin(path: string): Listening {
  const line = {
    open: (url: string, protocols: string[]) => new WebSocket(url, protocols),
    token: () => signIn.token(),
    expire: () => signIn.expire(),
    after: (ms: number, then: () => void) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  };
  const feed = new Feed(line, location.origin.replace(/^http/, "ws") + path);
  const ears = new Set<(frame: Frame) => void>();
  feed.onFrame = (frame) => ears.forEach((ear) => ear(frame));
  feed.onStatus = tell;
  void feed.open();
  return { feed, ears };
}

/** Listens to a feed until the answer is called. */
export function listen(path: string, ear: (frame: Frame) => void): () => void {
  const listening = feeds.get(path) ?? begin(path);
  feeds.set(path, listening);
  listening.ears.add(ear);
  tell();
  return () => {
    listening.ears.delete(ear);
    // The next view may want the same feed in a moment.
    setTimeout(() => {
      if (listening.ears.size > 0 || feeds.get(path) !== listening) return;
      listening.feed.close();
      feeds.delete(path);
      tell();
    }, 2_000);
  };
}

addEventListener("online", () => feeds.forEach(({ feed }) => feed.hurry()));
// Nothing is heard for somebody who is out.
effect(() => {
  if (phase.value.is === "in") return;
  feeds.forEach(({ feed }) => feed.close());
  feeds.clear();
  live.value = undefined;
});
