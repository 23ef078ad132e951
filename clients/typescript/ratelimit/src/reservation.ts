// How is something charged only if it comes about?

import { member, type Members } from "../../src/json.ts";
import type { Verdict } from "./verdict.ts";

/**
 * What became of a charge: it was held and is not any more; it was committed
 * before; there is none, since its time was over or there never was one; it is
 * committed, and stays.
 */
export type Settled = "done" | "already" | "unknown" | "stands";

const SETTLED = ["done", "already", "unknown", "stands"] as const;

export function parseSettled(members: Members): Settled | undefined {
  return SETTLED.find((settled) => settled === member(members, "settled"));
}

/** A charge for the time being: what is not committed falls when its time is over. */
export class Reservation {
  readonly verdict: Verdict;
  #settle: ((verb: "commit" | "cancel") => Promise<Settled>) | undefined;

  constructor(verdict: Verdict, settle: (verb: "commit" | "cancel") => Promise<Settled>) {
    this.verdict = verdict;
    this.#settle = verdict.outcome === "admit" ? settle : undefined;
  }

  /** Makes the charge final, and frees what it occupied. @throws {LimitError} */
  commit(): Promise<Settled> {
    return this.#once("commit");
  }

  /** Gives the charge back. @throws {LimitError} */
  cancel(): Promise<Settled> {
    return this.#once("cancel");
  }

  /** Cancels what nobody settled. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  async #once(verb: "commit" | "cancel"): Promise<Settled> {
    const settle = this.#settle;
    this.#settle = undefined;
    return settle ? settle(verb) : "unknown";
  }
}
