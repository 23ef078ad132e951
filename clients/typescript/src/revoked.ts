// Which tokens are known to be revoked, in bounded memory?

import { keysOf, type Facts, type Key, type Revocation } from "./revocation.ts";
import { LEEWAY_S_MAX, type Now } from "./time.ts";

type Entry = { exp: number; notBefore: number | undefined };
type Expiry = { readonly exp: number; readonly name: string };

/**
 * What is known, and up to which expiry it may be incomplete.
 *
 * A record is forgotten once every token it took away has expired, or, when
 * there are more than the cap allows, before: the one that expires first. Of
 * a token that expires no later than a record that was forgotten nothing can
 * be said: that is the horizon.
 */
export class Revoked {
  readonly #entriesMax: number;
  readonly #entries = new Map<string, Entry>();
  readonly #expiries = new Heap();
  #horizon = 0;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Takes a record in. Taking it in again changes nothing. */
  take(revocation: Revocation, now: Now): void {
    if (!revocation.keys) this.#horizon = Math.max(this.#horizon, revocation.exp);
    for (const key of revocation.keys ?? []) this.#insert(key, revocation.exp);
    this.forget(now);
  }

  /** Forgets what no living token can need, by any leeway. */
  forget(now: Now): void {
    const nowS = Math.floor(now.wallMs / 1_000);
    for (let first = this.#first(); first && first.exp + LEEWAY_S_MAX <= nowS; first = this.#first()) this.#drop(first);
  }

  includes(token: Facts): boolean {
    return keysOf(token).some((name) => {
      const entry = this.#entries.get(name);
      return entry !== undefined && (entry.notBefore === undefined || token.issuedAt <= entry.notBefore);
    });
  }

  /** Whether a record about this token may have been forgotten. */
  mayHaveForgotten(token: Facts): boolean {
    return token.expiresAt <= this.#horizon;
  }

  #insert({ name, notBefore }: Key, exp: number): void {
    const known = this.#entries.get(name);
    if (!known) {
      this.#entries.set(name, { exp, notBefore });
      this.#expiries.push({ exp, name });
    } else {
      if (notBefore !== undefined) known.notBefore = Math.max(known.notBefore ?? 0, notBefore);
      // The place in the heap is mended when it comes to the top.
      known.exp = Math.max(known.exp, exp);
    }
    const first = this.#entries.size > this.#entriesMax ? this.#first() : undefined;
    if (first) this.#drop(first);
  }

  /** What expires first; each entry is in the heap once, at its own expiry or an earlier one. */
  #first(): Expiry | undefined {
    for (;;) {
      const first = this.#expiries.first;
      const exp = first && this.#entries.get(first.name)?.exp;
      if (!first || exp === undefined || exp === first.exp) return first;
      this.#expiries.pop();
      this.#expiries.push({ exp, name: first.name });
    }
  }

  #drop(first: Expiry): void {
    this.#expiries.pop();
    this.#entries.delete(first.name);
    this.#horizon = Math.max(this.#horizon, first.exp);
  }
}

/** A binary heap, earliest expiry first; among equals by name, so that every verifier forgets the same. */
class Heap {
  readonly #items: Expiry[] = [];

  get first(): Expiry | undefined {
    return this.#items[0];
  }

  push(item: Expiry): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above];
      if (!parent || !isBefore(item, parent)) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  pop(): void {
    const items = this.#items;
    const item = items.pop();
    if (!item || items.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = items[below];
      const right = items[below + 1];
      if (child && right && isBefore(right, child)) {
        child = right;
        below += 1;
      }
      if (!child || !isBefore(child, item)) break;
      items[at] = child;
      at = below;
    }
    items[at] = item;
  }
}

function isBefore(one: Expiry, other: Expiry): boolean {
  return one.exp === other.exp ? one.name < other.name : one.exp < other.exp;
}
