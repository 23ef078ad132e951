// Asks aero2 whether somebody has had too much: see README.md.

export { Fault } from "../../src/access.ts";
export type { Ask } from "./ask.ts";
export { LimitError } from "./error.ts";
export type { Inline, Rule, Window } from "./inline.ts";
export { Limiter, type LimiterOptions } from "./limiter.ts";
export { EXEMPT, type LimitOptions } from "./gate.ts";
export { refusalOf, type Refusal } from "./refusal.ts";
export { Reservation, type Settled } from "./reservation.ts";
export type { Outcome, Reading, Verdict } from "./verdict.ts";
