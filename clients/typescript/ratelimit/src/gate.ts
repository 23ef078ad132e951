// Does a request pass?

import type { Ask } from "./ask.ts";
import { LimitError } from "./error.ts";
import type { Inline } from "./inline.ts";
import type { Limiter } from "./limiter.ts";
import { refusalOf, type Refusal } from "./refusal.ts";
import type { Reservation } from "./reservation.ts";
import type { Verdict } from "./verdict.ts";

/** Said of a request that nobody is charged for. */
export const EXEMPT: unique symbol = Symbol("exempt");

type OrOf<Request, T> = T | ((request: Request) => T);

/** Who is charged how much for a request. */
export type LimitOptions<Request> = {
  readonly policy: OrOf<Request, string | Inline>;
  /**
   * Who is charged, or `EXEMPT`. Nobody is let pass for want of a name:
   * without one a request is refused with 400.
   */
  readonly subject: (request: Request) => string | typeof EXEMPT | undefined | Promise<string | typeof EXEMPT | undefined>;
  /** 1 unless said. */
  readonly cost?: OrOf<Request, number>;
  /**
   * Reserves for so long at most, and settles as the response is: commits
   * below status 500; cancels from there on, and when there is none. For
   * quotas of what comes about, and for concurrency.
   */
  readonly holdMs?: number;
};

/** What a request that passes takes along. */
export type Admitted = {
  readonly verdict: Verdict | undefined;
  /** Settles as the response is; does nothing when nothing was reserved. */
  readonly settle: (isDone: boolean) => Promise<void>;
};

/** Charges a request; a refusal is what to answer instead. */
export async function admit<Request>(limiter: Limiter, options: LimitOptions<Request>, request: Request): Promise<Admitted | Refusal> {
  const subject = await options.subject(request);
  if (subject === EXEMPT) return { verdict: undefined, settle: async () => {} };
  const of = <T>(value: OrOf<Request, T>) => (typeof value === "function" ? (value as (request: Request) => T)(request) : value);
  const ask: Ask = { policy: of(options.policy), subject: subject ?? "", cost: of(options.cost ?? 1) };
  let reservation: Reservation | undefined;
  let verdict: Verdict;
  try {
    if (options.holdMs !== undefined) reservation = await limiter.reserve(ask, options.holdMs);
    verdict = reservation?.verdict ?? (await limiter.check(ask));
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    limiter.tell(error);
    return refusalOf(error);
  }
  if (!verdict.allowed) return refusalOf(verdict);
  return { verdict, settle: async (isDone) => void (reservation && (await limiter.settled(reservation, isDone))) };
}
