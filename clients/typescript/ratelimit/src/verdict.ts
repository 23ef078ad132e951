// What does the service answer?

import { isObject, member, text, whole, type Members } from "../../src/json.ts";

/**
 * What becomes of what was asked: it was charged under every rule; under none;
 * more was asked than some rule ever admits at once; the subject is exempt, or
 * blocked; the service cannot reach the bucket; or nobody was asked, since the
 * service cannot be and is not needed.
 */
export type Outcome = "admit" | "refuse" | "never" | "exempt" | "blocked" | "unavailable" | "unchecked";

/** How a subject stands under one rule. */
export type Reading = {
  readonly name: string;
  /** How much it allows, in how many milliseconds. */
  readonly limit: number;
  readonly windowMs: number;
  /** How much is left, and milliseconds until all of it is back. */
  readonly remaining: number;
  readonly resetMs: number;
  /** Whether it is one of those that refused. */
  readonly refuses: boolean;
};

/** The answer to a question of how much is too much. */
export type Verdict = {
  /** Whether to go on: the one thing to obey. */
  readonly allowed: boolean;
  readonly outcome: Outcome;
  /** Milliseconds until trying again may help. */
  readonly retryAfterMs: number | undefined;
  readonly policy: string;
  readonly version: number;
  /** Whether the policy's refusals count, or are only told. */
  readonly mode: "enforce" | "shadow";
  readonly shadowRefused: boolean;
  /** Whether the service answered by less than the bucket itself. */
  readonly degraded: boolean;
  readonly rules: readonly Reading[];
  /** `RateLimit-Policy`, `RateLimit` and, on a refusal, `Retry-After`: for the response, ready-made. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Whether it was remembered from an earlier answer. */
  readonly isRemembered: boolean;
};

/** Longer than the headers of sixteen rules. */
const HEADER_CHARS_MAX = 8_192;
/** No policy has more rules. */
const RULES_MAX = 16;
/** Nothing but visible ASCII and spaces: no answer of the service ends a header, or begins another. */
const PLAIN = /^[ -~]*$/;
const OUTCOMES = ["admit", "refuse", "never", "exempt", "blocked", "unavailable"] as const;

/** What is said when nobody was asked. */
export const UNCHECKED: Verdict = {
  allowed: true,
  outcome: "unchecked",
  retryAfterMs: undefined,
  policy: "",
  version: 0,
  mode: "enforce",
  shadowRefused: false,
  degraded: true,
  rules: [],
  headers: [],
  isRemembered: false,
};

/** Reads an answer; members it does not know are passed over, and whatever could not stand in a header makes all of it unusable. */
export function parseVerdict(members: unknown): Verdict | undefined {
  try {
    return read(members);
  } catch (error) {
    if (error instanceof Unusable) return undefined;
    throw error;
  }
}

/** The verdict, later: whoever waits has less to wait. */
export function later(verdict: Verdict, passedMs: number): Verdict {
  const { retryAfterMs } = verdict;
  return withWait({ ...verdict, isRemembered: true, retryAfterMs: retryAfterMs === undefined ? undefined : Math.max(0, retryAfterMs - passedMs) });
}

/** Whole seconds until trying again may help, never fewer than there are, and at least one. */
export function retryAfterS({ retryAfterMs }: Verdict): number | undefined {
  return retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(retryAfterMs / 1_000));
}

function withWait(verdict: Verdict): Verdict {
  const headers = verdict.headers.filter(([name]) => name !== "Retry-After");
  const seconds = retryAfterS(verdict);
  if (!verdict.allowed && seconds !== undefined) headers.push(["Retry-After", String(seconds)]);
  return { ...verdict, headers };
}

class Unusable extends Error {}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Unusable();
  return value;
}

function read(answer: unknown): Verdict {
  const members = must(isObject(answer) ? answer : undefined);
  const mode = optional(members, "mode", (value) => (value === "enforce" || value === "shadow" ? value : undefined));
  return withWait({
    allowed: must(boolean(member(members, "allowed"))),
    outcome: must(OUTCOMES.find((outcome) => outcome === member(members, "outcome"))),
    retryAfterMs: optional(members, "retry_after_ms", () => whole(members, "retry_after_ms")),
    policy: optional(members, "policy", (value) => (value === "" ? "" : text(members, "policy"))) ?? "",
    version: optional(members, "version", () => whole(members, "version")) ?? 0,
    mode: mode ?? "enforce",
    shadowRefused: optional(members, "shadow_refused", boolean) ?? false,
    degraded: optional(members, "degraded", boolean) ?? false,
    rules: optional(members, "rules", readings) ?? [],
    headers: optional(members, "headers", headers) ?? [],
    isRemembered: false,
  });
}

/** A member that may be missing or null, but not of another type. */
function optional<T>(members: Members, name: string, parse: (value: unknown) => T | undefined): T | undefined {
  const value = member(members, name);
  return value === undefined || value === null ? undefined : must(parse(value));
}

function boolean(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function readings(value: unknown): Reading[] | undefined {
  if (!Array.isArray(value) || value.length > RULES_MAX) return undefined;
  return value.map((rule: unknown) => {
    const members = must(isObject(rule) ? rule : undefined);
    return {
      name: must(text(members, "name")),
      limit: must(whole(members, "limit")),
      windowMs: must(whole(members, "window_ms")),
      remaining: must(whole(members, "remaining")),
      resetMs: must(whole(members, "reset_ms")),
      refuses: must(boolean(member(members, "refuses"))),
    };
  });
}

/** The two headers that pass on; `Retry-After` is made of the milliseconds. */
function headers(value: unknown): [string, string][] | undefined {
  if (!isObject(value)) return undefined;
  const found: [string, string][] = [];
  for (const name of ["RateLimit-Policy", "RateLimit"]) {
    const plain = (value: unknown) => (typeof value === "string" && value.length <= HEADER_CHARS_MAX && PLAIN.test(value) ? value : undefined);
    const told = optional(value, name, plain);
    if (told) found.push([name, told]);
  }
  return found;
}
