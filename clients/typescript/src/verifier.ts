// May this token be acted on?

import { Fault } from "./access.ts";
import { dialHere, type Dial } from "./dial.ts";
import { Feed, type Limits, type Pending } from "./feed.ts";
import { Follower } from "./follower.ts";
import { checkIssuer, fetchBy } from "./origin.ts";
import { Tenant } from "./tenant.ts";
import { clock } from "./time.ts";
import { openSecurityEvent, TokenRefused, verifyAccessToken, type AccessToken, type Expectations, type Keys } from "./token.ts";

/**
 * What to do with a good token while it is uncertain whether it was revoked:
 * ask the tenant and refuse when it cannot be asked; refuse; or accept, in
 * which case a revoked token may be used until it expires.
 */
export type Policy = "introspect" | "deny" | "allow";

/** Whose tokens are verified, for whom, and what happens when in doubt. */
export type VerifierOptions = {
  /** The tenant's issuer, an origin: `https://acme.example`. */
  readonly issuer: string;
  /** Who we are: one of a token's audiences. */
  readonly audience: string;
  /** A client with scope `revocations.read`. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** `introspect` unless said. */
  readonly whenUncertain?: Policy;
  /** How far clocks may differ: 5 s unless said, a minute at most. */
  readonly leewayS?: number;
  /** How much is kept, and for how long it counts. */
  readonly limits?: Limits;
  /** The tenant's default audience, to which its feed is addressed. Unless said, either the issuer or `audience`. */
  readonly feedAudience?: string;
  /** Connects to this `host:port` whatever the issuer's name resolves to; on Node. */
  readonly connect?: string;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch;
  /** Opens sockets, where neither `ws` nor Cloudflare Workers' `fetch` can. */
  readonly dial?: Dial;
};

/** Why a token may not be acted on. */
export type Refusal = "refused" | "revoked" | "uncertain" | "fault";

/** Thrown for a token that may not be acted on. */
export class VerifyError extends Error {
  override readonly name = "VerifyError";
  readonly refusal: Refusal;
  /** The HTTP status to answer: 401 when the token is at fault, 503 when we cannot tell. */
  readonly status: 401 | 503;

  constructor(refusal: Refusal, cause?: Error) {
    super(`${MESSAGES[refusal]}${cause ? `: ${cause.message}` : ""}`, { cause });
    this.refusal = refusal;
    this.status = refusal === "refused" || refusal === "revoked" ? 401 : 503;
  }
}

const MESSAGES: Record<Refusal, string> = {
  refused: "the token is not good",
  revoked: "the token was revoked",
  uncertain: "whether the token was revoked is uncertain",
  fault: "the token cannot be judged",
};

/** A token that may be acted on, and why: `unconfirmed` when the policy is to accept it in doubt. */
export type Verified = { readonly token: AccessToken; readonly basis: "feed" | "introspection" | "unconfirmed" };

/** How the feed fares. */
export type Health = {
  /** Whether what is known counts. */
  readonly isCertain: boolean;
  /** Whether the socket is open and up to date. */
  readonly isLive: boolean;
  /** How many revocations are kept. */
  readonly entries: number;
  /** The close code after which there will be no further attempt. */
  readonly stopped: number | undefined;
};

/**
 * Verifies the access tokens of one tenant, and follows its revocations until
 * it is closed. Until the feed has caught up the policy decides: see `live`.
 */
export class Verifier {
  readonly #feed: Feed;
  readonly #tenant: Tenant;
  readonly #follower: Follower;
  readonly #expected: Expectations;
  readonly #feedAudiences: readonly string[];
  readonly #policy: Policy;

  /** @throws {TypeError} when the options cannot work */
  constructor(options: VerifierOptions) {
    const { issuer, audience, clientId, clientSecret, leewayS = 5 } = options;
    checkIssuer(issuer);
    this.#policy = options.whenUncertain ?? "introspect";
    if (!["introspect", "deny", "allow"].includes(this.#policy)) throw new TypeError("whenUncertain is none of introspect, deny, allow");
    if (!(leewayS >= 0)) throw new TypeError("leewayS is no number of seconds");
    for (const [name, value] of Object.entries({ audience, clientId, clientSecret })) {
      if (typeof value !== "string" || value === "") throw new TypeError(`${name} is missing`);
    }
    this.#expected = { issuer, audience, leewayS };
    this.#feedAudiences = options.feedAudience === undefined ? [issuer, audience] : [options.feedAudience];
    this.#feed = new Feed(options.limits);
    const there = reach(options);
    this.#tenant = new Tenant({ issuer, clientId, clientSecret, fetch: there.fetch });
    const verify = (pending: Pending) => this.#openSet(pending);
    this.#follower = new Follower({ feed: this.#feed, tenant: this.#tenant, issuer, dial: there.dial, verify });
  }

  /**
   * Judges a bearer token.
   *
   * @throws {VerifyError} saying why it may not be acted on, and what to answer
   */
  async verify(token: string): Promise<Verified> {
    const verified = await this.#locally(token);
    const standing = () => this.#feed.standing(verified, clock());
    switch (standing()) {
      case "good":
        return { token: verified, basis: "feed" };
      case "revoked":
        throw new VerifyError("revoked");
      case "uncertain":
        if (this.#policy === "allow") return { token: verified, basis: "unconfirmed" };
        if (this.#policy !== "introspect") throw new VerifyError("uncertain");
    }
    const isActive = await this.#tenant.isActive(token).catch(asVerifyError);
    // What the feed learned meanwhile is later than the answer.
    if (!isActive || standing() === "revoked") throw new VerifyError("revoked");
    return { token: verified, basis: "introspection" };
  }

  /**
   * Waits until the log itself has answered that nothing is missing: whatever
   * was revoked before the call is known after it.
   */
  sync(): Promise<void> {
    return this.#follower.sync();
  }

  /** Waits until the feed is connected and up to date; rejects when the server will not have us at all. */
  live(): Promise<void> {
    return this.#follower.live();
  }

  /** How the feed fares. */
  get health(): Health {
    const { isLive, entries } = this.#feed;
    return { isCertain: this.#feed.isCertain(clock()), isLive, entries, stopped: this.#follower.stopped };
  }

  /** Closes the socket: from then on knowledge only grows old. */
  close(): void {
    this.#follower.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #locally(token: string): Promise<AccessToken> {
    return this.#withKeys((keys) => verifyAccessToken(token, keys, this.#expected, clock())).catch(asVerifyError);
  }

  #openSet({ set }: Pending) {
    const { issuer } = this.#expected;
    return this.#withKeys((keys) => openSecurityEvent(set, keys, issuer, this.#feedAudiences)).catch(() => undefined);
  }

  /** With the tenant's keys; once more with new ones when the token's is not among them. */
  async #withKeys<T>(verify: (keys: Keys) => Promise<T>): Promise<T> {
    try {
      return await verify(await this.#tenant.keys(false));
    } catch (error) {
      if (!(error instanceof TokenRefused) || error.refusal !== "unknown_key") throw error;
      return verify(await this.#tenant.keys(true));
    }
  }
}

function asVerifyError(error: unknown): never {
  if (error instanceof TokenRefused) throw new VerifyError("refused", error);
  if (error instanceof Fault) throw new VerifyError("fault", error);
  throw error;
}

function reach({ connect, fetch: own, dial }: VerifierOptions): { fetch: typeof fetch; dial: () => Promise<Dial> } {
  const dialThere = async (at: string) => (await import("./node.ts")).dialAt(at);
  const dials = connect === undefined ? dialHere : () => dialThere(connect);
  return { fetch: own ?? fetchBy(connect), dial: dial ? async () => dial : dials };
}
