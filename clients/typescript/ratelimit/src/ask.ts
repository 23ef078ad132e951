// What is asked?

import { isText } from "../../src/json.ts";
import { LimitError } from "./error.ts";
import type { Inline } from "./inline.ts";

/** Who wants how much, under which policy. */
export type Ask = {
  /** A policy of the tenant, by name, or rules that the question brings along. */
  readonly policy: string | Inline;
  /** Who is charged: 1 to 256 bytes without control characters. */
  readonly subject: string;
  /** How much: 1 unless said. */
  readonly cost?: number;
  /**
   * What you call this, so that asking again charges nothing, however often
   * and from wherever. Never take it from a stranger: a thousand requests of
   * one id are charged once.
   */
  readonly requestId?: string;
};

const COST_MAX = 4_294_967_295;
const CONTROLS = /\p{Cc}/u;
const REQUEST_ID = /^[!-~]{1,64}$/;

/** The question as the service reads it. @throws {LimitError} when it is wrong */
export function bodyOf({ policy, subject, cost = 1 }: Ask, requestId: string | undefined): object {
  // Half a surrogate pair is no text, and would be another one on the way.
  if (!isText(subject) || CONTROLS.test(subject) || !subject.isWellFormed()) {
    throw new LimitError("subject", "the subject is empty, too long, no text, or has control characters");
  }
  if (!Number.isInteger(cost) || cost < 1 || cost > COST_MAX) throw new LimitError("mistake", "the cost is no whole number from one on");
  if (requestId !== undefined && !REQUEST_ID.test(requestId)) {
    throw new LimitError("mistake", "the request id is not visible ASCII of at most 64 characters");
  }
  const named = typeof policy === "string" ? { policy } : { inline: policy };
  return { ...named, subject, cost, ...(requestId === undefined ? {} : { request_id: requestId }) };
}

/** The question that settles a charge. */
export function settlingOf({ policy, subject }: Ask, requestId: string): object {
  const named = typeof policy === "string" ? { policy } : { inline_name: policy.name };
  return { ...named, subject, request_id: requestId };
}

/** What the versions of a policy are remembered by. */
export function policyKey({ policy }: Ask): string {
  return typeof policy === "string" ? `t.${policy}` : `i.${policy.name}.${policy.version}`;
}

/** What a refusal is remembered by; no subject that is asked has a line break. */
export function keyOf(ask: Ask): string {
  return `${policyKey(ask)}\n${ask.subject}`;
}
