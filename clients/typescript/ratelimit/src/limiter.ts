// May somebody go on?

import { Access } from "../../src/access.ts";
import { member } from "../../src/json.ts";
import { checkIssuer, fetchBy } from "../../src/origin.ts";
import { clock } from "../../src/time.ts";
import { bodyOf, settlingOf, type Ask } from "./ask.ts";
import { Caller, unusable } from "./call.ts";
import { LimitError, unavailable } from "./error.ts";
import { Memory } from "./memory.ts";
import { parseSettled, Reservation, type Settled } from "./reservation.ts";
import { parseVerdict, retryAfterS, UNCHECKED, type Verdict } from "./verdict.ts";

/** What the service's tokens are for. */
const SCOPE = "ratelimit";
/** People notice more, and whoever cannot be asked in this time is not asked in twice of it. */
const DEADLINE_MS = 500;
/** Questions in a batch. */
const BATCH_MAX = 50;

/** Whose limits are asked, as whom, and what happens when they cannot be. */
export type LimiterOptions = {
  /** The tenant's issuer, an origin: `https://acme.example`. */
  readonly issuer: string;
  /** A client with grant `client_credentials` and scope `ratelimit`. */
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * What becomes of a question that cannot be asked: `deny`, unless said,
   * refuses it; `allow` lets it pass, and `tell` has to be there to hear of it.
   *
   * A question that is wrong in itself (a subject out of bounds, a policy that
   * does not exist) never passes: whoever can make one would be without a limit.
   */
  readonly whenUnavailable?: "deny" | "allow";
  /** Hears of what passed unchecked, and of what goes wrong where no answer can say it. */
  readonly tell?: (error: LimitError) => void;
  /** How long a question may take, whatever it waits for: 500 unless said. */
  readonly deadlineMs?: number;
  /**
   * Whether a question whose answer was lost is asked again: `true` unless
   * said. So that this charges once, each check then carries a request id. The
   * service remembers those, which costs it a write, and serves them from no
   * lease: policies with leases are faster without.
   */
  readonly retry?: boolean;
  /** Connects to this `host:port` whatever the issuer's name resolves to; on Node. */
  readonly connect?: string;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch;
};

/** Asks a tenant's rate limits. One for all of an application shares connections, token and memory. */
export class Limiter {
  readonly #caller: Caller;
  readonly #memory = new Memory();
  readonly #passesUnchecked: boolean;
  readonly #isRetried: boolean;
  readonly #tell: (error: LimitError) => void;

  /** @throws {TypeError} when the options cannot work */
  constructor(options: LimiterOptions) {
    const { issuer, clientId, clientSecret, whenUnavailable = "deny", deadlineMs = DEADLINE_MS } = options;
    checkIssuer(issuer);
    for (const [name, value] of Object.entries({ clientId, clientSecret })) {
      if (typeof value !== "string" || value === "") throw new TypeError(`${name} is missing`);
    }
    if (whenUnavailable !== "deny" && whenUnavailable !== "allow") throw new TypeError("whenUnavailable is neither deny nor allow");
    if (whenUnavailable === "allow" && !options.tell) throw new TypeError("tell is missing: nothing passes silently");
    if (!(deadlineMs > 0 && Number.isFinite(deadlineMs))) throw new TypeError("deadlineMs is no number of milliseconds");
    const access = new Access({ issuer, clientId, clientSecret, scope: SCOPE, fetch: options.fetch ?? fetchBy(options.connect) });
    this.#caller = new Caller(access, deadlineMs);
    this.#passesUnchecked = whenUnavailable === "allow";
    this.#isRetried = options.retry ?? true;
    this.#tell = options.tell ?? (() => {});
  }

  /** Gets a token, so that the first question needs not wait for one: for your readiness probe. @throws {Fault} */
  async prepare(): Promise<void> {
    await this.#caller.access.token();
  }

  /**
   * Charges under every rule, or under none of them.
   *
   * A refusal is remembered until its time, five seconds at most, and who asks
   * for as much meanwhile is refused without a word to the service.
   *
   * @throws {LimitError} when there is no verdict
   */
  async check(ask: Ask): Promise<Verdict> {
    const requestId = this.#requestId(ask);
    const body = bodyOf(ask, requestId);
    return this.#recall(ask) ?? this.#noted(ask, "check", body, requestId !== undefined);
  }

  /** Says what `check` would, and charges nothing. @throws {LimitError} as `check` */
  async peek(ask: Ask): Promise<Verdict> {
    const body = bodyOf(ask, undefined);
    return this.#judged(() => this.#told("peek", body, true));
  }

  /**
   * Up to 50 checks in one round trip, each decided by itself: all or none is
   * for the rules of one policy. A bucket that the service could not reach is
   * a verdict `unavailable` among the others.
   *
   * @throws {LimitError} as `check`; a wrong question fails all of them
   */
  async batch(asks: readonly Ask[]): Promise<Verdict[]> {
    if (asks.length < 1 || asks.length > BATCH_MAX) throw new LimitError("mistake", "a batch is 1 to 50 questions");
    const ids = asks.map((ask) => this.#requestId(ask));
    const checks = asks.map((ask, at) => bodyOf(ask, ids[at]));
    let verdicts: Verdict[];
    try {
      const answer = await this.#caller.call("batch", { checks }, !ids.includes(undefined));
      const told = member(answer, "verdicts");
      if (!Array.isArray(told) || told.length !== asks.length) throw unusable();
      verdicts = told.map((one) => parseVerdict(one) ?? fail(unusable()));
    } catch (error) {
      const unchecked = this.#unchecked(error);
      return asks.map(() => unchecked);
    }
    return verdicts.map((verdict) => (this.#passesUnchecked && isUnreached(verdict) ? this.#unchecked(unreached(verdict)) : verdict));
  }

  /**
   * Charges for the time being: what is not committed within `holdMs` (an hour
   * at most) was never charged. When the verdict does not allow it, there is
   * nothing to settle.
   *
   * @throws {LimitError} as `check`
   */
  async reserve(ask: Ask, holdMs: number): Promise<Reservation> {
    const requestId = ask.requestId ?? crypto.randomUUID();
    const body = { ...bodyOf(ask, requestId), hold_ms: holdMs };
    const verdict = this.#recall(ask) ?? (await this.#noted(ask, "reserve", body, true));
    return new Reservation(verdict, (verb) => this.#settle(verb, ask, requestId));
  }

  /**
   * Does `work` while a charge is held: commits it when it comes about, cancels
   * it when it throws. Work that is not allowed is not begun, and `refused` is
   * called instead. A commit that fails takes nothing from who has worked; it is told.
   *
   * @throws {LimitError} as `check`
   */
  async guarded<T, R>(ask: Ask, holdMs: number, work: (verdict: Verdict) => Promise<T>, refused: (verdict: Verdict) => R): Promise<T | R> {
    const reservation = await this.reserve(ask, holdMs);
    if (!reservation.verdict.allowed) return refused(reservation.verdict);
    let done: T;
    try {
      done = await work(reservation.verdict);
    } catch (error) {
      await this.settled(reservation, false);
      throw error;
    }
    await this.settled(reservation, true);
    return done;
  }

  /** Settles what ended, well or not, and tells what goes wrong: for middleware. */
  async settled(reservation: Reservation, isDone: boolean): Promise<void> {
    try {
      await (isDone ? reservation.commit() : reservation.cancel());
    } catch (error) {
      this.tell(error);
    }
  }

  /** Tells of what went wrong; what is no word of ours is thrown on. */
  tell(error: unknown): void {
    if (!(error instanceof LimitError)) throw error;
    this.#tell(error);
  }

  /** The id under which a check may be repeated, if it may. */
  #requestId(ask: Ask): string | undefined {
    return ask.requestId ?? (this.#isRetried ? crypto.randomUUID() : undefined);
  }

  /** What was refused lately and would be again. Who names their request is always asked about: it may have been charged before. */
  #recall(ask: Ask): Verdict | undefined {
    return ask.requestId === undefined ? this.#memory.recall(ask, clock()) : undefined;
  }

  #noted(ask: Ask, verb: string, body: object, isRepeatable: boolean): Promise<Verdict> {
    return this.#judged(async () => {
      const verdict = await this.#told(verb, body, isRepeatable);
      this.#memory.note(ask, verdict, clock());
      return verdict;
    });
  }

  async #told(verb: string, body: object, isRepeatable: boolean): Promise<Verdict> {
    const verdict = parseVerdict(await this.#caller.call(verb, body, isRepeatable));
    return verdict ?? fail(unusable());
  }

  /** What becomes of a question without an answer. */
  async #judged(ask: () => Promise<Verdict>): Promise<Verdict> {
    try {
      const verdict = await ask();
      return isUnreached(verdict) ? fail(unreached(verdict)) : verdict;
    } catch (error) {
      return this.#unchecked(error);
    }
  }

  /** Who is allowed without a verdict is told of, in any case. */
  #unchecked(error: unknown): Verdict {
    if (!this.#passesUnchecked || !(error instanceof LimitError) || error.reason !== "unavailable") throw error;
    this.#tell(error);
    return UNCHECKED;
  }

  async #settle(verb: string, ask: Ask, requestId: string): Promise<Settled> {
    const answer = await this.#caller.call(verb, settlingOf(ask, requestId), true);
    // What was occupied is free, and what was charged may be back.
    this.#memory.forget(ask);
    return parseSettled(answer) ?? fail(unusable());
  }
}

/** Whether the service said so itself that there is no verdict. */
function isUnreached({ allowed, outcome }: Verdict): boolean {
  return !allowed && outcome === "unavailable";
}

function unreached(verdict: Verdict): LimitError {
  return unavailable("the limit cannot be asked: its bucket does not answer", retryAfterS(verdict));
}

function fail(error: Error): never {
  throw error;
}
