// Which refusals still hold?

import { since, type Now } from "../../src/time.ts";
import { keyOf, policyKey, type Ask } from "./ask.ts";
import { later, type Verdict } from "./verdict.ts";

/** Refusals that are remembered: as many as the service's own isolates do. */
const REFUSALS_MAX = 4_096;
/** For how long: a pardon or a changed policy is felt after that. */
const REFUSAL_MS_MAX = 5_000;
/** Policies whose versions are remembered: as many as a tenant has. */
const POLICIES_MAX = 100;
/** Room is made by looking at all of them, no more often than this. */
const SWEEP_MS = 1_000;

type Refused = { cost: number; at: Now; verdict: Verdict };

function holds({ at, verdict }: Refused, now: Now): boolean {
  return since(now, at) < Math.min(verdict.retryAfterMs ?? 0, REFUSAL_MS_MAX);
}

/** What was refused lately and would be again. */
export class Memory {
  readonly #refusals = new Map<string, Refused>();
  readonly #versions = new Map<string, number>();
  #swept: Now | undefined;

  /** How many refusals are kept. */
  get size(): number {
    return this.#refusals.size;
  }

  /** The refusal of as much or less, as it would be said now. */
  recall(ask: Ask, now: Now): Verdict | undefined {
    const refused = this.#refusals.get(keyOf(ask));
    if (!refused || refused.cost > (ask.cost ?? 1) || !holds(refused, now)) return undefined;
    // A policy that has changed may allow what it refused.
    if ((this.#versions.get(policyKey(ask)) ?? 0) > refused.verdict.version) return undefined;
    return later(refused.verdict, since(now, refused.at));
  }

  /** Remembers a refusal; whatever else the answer is, an older one no longer holds. */
  note(ask: Ask, verdict: Verdict, now: Now): void {
    const known = this.#versions.get(policyKey(ask));
    if (known !== undefined || this.#versions.size < POLICIES_MAX) this.#versions.set(policyKey(ask), Math.max(known ?? 0, verdict.version));
    const key = keyOf(ask);
    if (verdict.allowed || verdict.outcome !== "refuse") return void this.#refusals.delete(key);
    if (this.#refusals.size >= REFUSALS_MAX && !this.#refusals.has(key)) {
      this.#sweep(now);
      if (this.#refusals.size >= REFUSALS_MAX) return;
    }
    this.#refusals.set(key, { cost: ask.cost ?? 1, at: now, verdict });
  }

  /** Something was given back. */
  forget(ask: Ask): void {
    this.#refusals.delete(keyOf(ask));
  }

  #sweep(now: Now): void {
    if (this.#swept && since(now, this.#swept) < SWEEP_MS) return;
    this.#swept = now;
    for (const [key, refused] of this.#refusals) {
      if (!holds(refused, now)) this.#refusals.delete(key);
    }
  }
}
