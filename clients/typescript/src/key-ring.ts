// When are the tenant's keys read again?

import { since, type Now } from "./time.ts";
import type { Keys } from "./token.ts";

/** What the tenant allows caches to keep them for. */
const FRESH_MS = 300_000;
/**
 * While they cannot be read again, older ones do for an hour: longer, and a
 * key that was retired in an emergency would go on verifying.
 */
const USABLE_MS = 3_600_000;
/** Tokens with made-up key ids must not make us ask more often. */
const PAUSE_MS = 30_000;
/** As long as there are none at all. */
const FIRST_PAUSE_MS = 1_000;

/** The keys, and when they were read. */
export class KeyRing {
  #keys: Keys | undefined;
  #read: Now | undefined;
  #tried: Now | undefined;

  /** The keys, while they are not too old. */
  usable(now: Now): Keys | undefined {
    return this.#read && since(now, this.#read) < USABLE_MS ? this.#keys : undefined;
  }

  /**
   * Whether to read them: they are old, or a token names one that is not
   * among them; and the last attempt was not just now.
   */
  wants(isOneUnknown: boolean, now: Now): boolean {
    const pauseMs = this.usable(now) ? PAUSE_MS : FIRST_PAUSE_MS;
    const mayAsk = !this.#tried || since(now, this.#tried) >= pauseMs;
    return mayAsk && (isOneUnknown || !this.#read || since(now, this.#read) >= FRESH_MS);
  }

  /** They are about to be read. */
  trying(now: Now): void {
    this.#tried = now;
  }

  /** They have been read. */
  put(keys: Keys, now: Now): void {
    this.#keys = keys;
    this.#read = now;
  }
}
