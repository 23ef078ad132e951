// How often does something happen, of late?

/** Counts by slots of time, the newest last; slots older than wanted are forgotten. */
export class Slots {
  readonly lengthMs: number;
  readonly kept: number;
  #slots = new Map<number, Record<string, number>>();

  constructor(lengthMs: number, kept: number) {
    this.lengthMs = lengthMs;
    this.kept = kept;
  }

  /** Counts more of something at an instant. */
  add(at: number, what: string, more = 1): void {
    const slot = Math.floor(at / this.lengthMs);
    const counts = this.#slots.get(slot) ?? {};
    counts[what] = (counts[what] ?? 0) + more;
    this.#slots.set(slot, counts);
    for (const old of this.#slots.keys()) if (old <= slot - 2 * this.kept) this.#slots.delete(old);
  }

  /** What was counted in each of the slots until `now`. */
  until(now: number, what: string): { at: number; value: number }[] {
    const last = Math.floor(now / this.lengthMs);
    return Array.from({ length: this.kept }, (_, index) => {
      const slot = last - this.kept + 1 + index;
      return { at: slot * this.lengthMs, value: this.#slots.get(slot)?.[what] ?? 0 };
    });
  }

  /** All of it in the slots until `now`. */
  sum(now: number, what: string): number {
    return this.until(now, what).reduce((total, { value }) => total + value, 0);
  }
}
