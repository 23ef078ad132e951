// What time is it?

/** How far clocks may differ: the longest leeway, and how long a revocation is kept beyond the life of its tokens. */
export const LEEWAY_S_MAX = 60;

/**
 * An instant, told by two clocks.
 *
 * How old knowledge is, is measured by both, and the larger age counts: the
 * monotonic clock stands still while a machine sleeps, and the wall clock may
 * be set back.
 */
export type Now = {
  /** Milliseconds since the Unix epoch. */
  readonly wallMs: number;
  /** Milliseconds since some instant that stays the same while the process lives. */
  readonly monoMs: number;
};

/** How long before `now` `earlier` was, by the clock that says more. */
export function since(now: Now, earlier: Now): number {
  return Math.max(0, now.monoMs - earlier.monoMs, now.wallMs - earlier.wallMs);
}

/** The machine's clocks. */
export function clock(): Now {
  return { wallMs: Date.now(), monoMs: performance.now() };
}
