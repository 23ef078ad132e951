// Which rules does a question bring along?

/** When a quota begins anew, UTC. */
export type Window =
  | "minute"
  | "hour"
  | "day"
  | "week"
  | "month"
  | { readonly month_from_day: number }
  | { readonly length_ms: number; readonly anchor: number };

type Common = {
  readonly name: string;
  /** What the service does when it cannot reach the bucket: `deny` unless said. */
  readonly on_failure?: "deny" | "degrade" | "allow";
  /** Whether what is cancelled counts all the same. */
  readonly counts_cancelled?: boolean;
};

/** One rule. The service bounds its numbers, and says which is out of bounds. */
export type Rule = Common &
  (
    | { readonly type: "gcra"; readonly period_ms: number; readonly burst: number }
    | { readonly type: "quota"; readonly limit: number; readonly window: Window }
    | { readonly type: "sliding_log"; readonly limit: number; readonly window_ms: number }
    | { readonly type: "concurrency"; readonly limit: number; readonly hold_ms: number }
    | { readonly type: "penalty"; readonly free: number; readonly base_ms: number; readonly wait_ms_max: number; readonly forget_ms: number }
  );

/** A policy that is known to nobody but who asks: up to 16 rules, decided all or none. */
export type Inline = {
  /** Buckets are told apart by it. */
  readonly name: string;
  /** A bucket goes by the newest version it has heard of: raise it with every change of the rules. */
  readonly version: number;
  /** How many admissions a bucket may write down at a time, and so forget at worst. */
  readonly ahead: number;
  readonly rules: readonly Rule[];
};
