// What do the tests lend in the browser's place?

import type { Browser } from "../src/lib/sign_in.ts";

export const ORIGIN = "https://acme.example";

interface Lent {
  went: URL[];
  asked: Record<string, string>[];
  at: number;
  browser: Browser;
  kept: Map<string, string>;
}

/** A browser that remembers where it was sent, and a token endpoint that answers what it is told to. */
export function browser(answers: { status: number; body: unknown }[] = []) {
  const kept = new Map<string, string>();
  const lent: Lent = {
    went: [],
    asked: [],
    at: 1_000_000,
    browser: {
      origin: ORIGIN,
      go: (url: string) => void lent.went.push(new URL(url)),
      storage: {
        getItem: (name: string) => kept.get(name) ?? null,
        setItem: (name: string, value: string) => void kept.set(name, value),
        removeItem: (name: string) => void kept.delete(name),
      },
      fetch: async (_url: unknown, init?: RequestInit) => {
        lent.asked.push(Object.fromEntries(init?.body as URLSearchParams));
        const answer = answers.shift()!;
        return Response.json(answer.body, { status: answer.status });
      },
      now: () => lent.at,
    },
    kept,
  };
  return lent;
}

export const tokens = (access: string, more = {}) => ({
  status: 200,
  body: { access_token: access, token_type: "Bearer", expires_in: 300, refresh_token: `refresh-of-${access}`, id_token: "id", ...more },
});
