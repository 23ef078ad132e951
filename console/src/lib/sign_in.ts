// How does somebody sign in to the console, and stay so?
//
// Authorization code with PKCE, at the origin that serves the console. Tokens are in memory only: after a reload they are
// asked for again without a word (`prompt=none`), which the session's cookie answers. What is kept beyond a page is what
// the way to the sign-in page and back needs, and no secret of it outlives that way.

import { challengeOf, unguessable } from "./encode.ts";

export const CLIENT_ID = "console";
const SCOPE = "openid profile email admin";
const KEPT = "aero2.sign-in";

/** A token is renewed so long before it expires: a request may be slow. */
const MARGIN_MS = 20_000;

/** Why nobody is signed in; the words of OpenID Connect Core §3.1.2.6 for "you would have to ask". */
const ASK_FIRST = ["login_required", "interaction_required", "consent_required", "account_selection_required"];

/** An act that waits for a fresh sign-in: what it is called, and what was filled in. */
export interface Waiting {
  act: string;
  values: Record<string, string>;
}

/** What is kept until the browser is back. */
interface Kept {
  state: string;
  verifier: string;
  back: string;
  waiting?: Waiting | undefined;
}

interface Tokens {
  access: string;
  expiresAt: number;
  refresh: string | undefined;
  id: string | undefined;
}

/** What became of coming back. */
export type Landing =
  | { is: "in"; back: string; waiting?: Waiting | undefined }
  | { is: "out"; back: string; why?: string | undefined };

/** What the browser lends: a test lends its own. */
export interface Browser {
  origin: string;
  go(url: string): void;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  fetch: typeof fetch;
  now(): number;
}

export class SignIn {
  #browser: Browser;
  #tokens: Tokens | undefined;
  #renewing: Promise<void> | undefined;
  /** Told when the session turns out to have ended. */
  onEnd: () => void = () => {};

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  get #callback(): string {
    return `${this.#browser.origin}/admin/callback`;
  }

  /** Leaves for the sign-in page, or, with `prompt=none`, only to ask whether it is needed. */
  async leave(back: string, extra: Record<string, string> = {}, waiting?: Waiting): Promise<void> {
    const kept: Kept = { state: unguessable(), verifier: unguessable(), back, waiting };
    this.#browser.storage.setItem(KEPT, JSON.stringify(kept));
    const query = new URLSearchParams({
      response_type: "code",
      client_id: CLIENT_ID,
      redirect_uri: this.#callback,
      scope: SCOPE,
      state: kept.state,
      code_challenge: await challengeOf(kept.verifier),
      code_challenge_method: "S256",
      ...extra,
    });
    this.#browser.go(`${this.#browser.origin}/oauth/authorize?${query}`);
  }

  /** Reads what the browser has come back with. */
  async land(query: URLSearchParams): Promise<Landing> {
    const text = this.#browser.storage.getItem(KEPT);
    this.#browser.storage.removeItem(KEPT);
    const kept: Kept | undefined = text === null ? undefined : JSON.parse(text);
    // A link somebody else made, or the same link twice.
    if (!kept || query.get("state") !== kept.state) return { is: "out", back: "/admin", why: "That sign-in was not begun here." };
    const { back, waiting } = kept;
    // The issuer must be the one that was asked (RFC 9207 §2.4).
    if (query.get("iss") !== this.#browser.origin) return { is: "out", back, why: "Another issuer answered." };
    const error = query.get("error");
    if (error !== null) {
      const why = ASK_FIRST.includes(error) ? undefined : (query.get("error_description") ?? error);
      return { is: "out", back, why };
    }
    const why = await this.#redeem({
      grant_type: "authorization_code",
      code: query.get("code") ?? "",
      redirect_uri: this.#callback,
      code_verifier: kept.verifier,
    });
    return why === undefined ? { is: "in", back, waiting } : { is: "out", back, why };
  }

  /** An access token that is good for a while yet; throws when there is none to be had. */
  async token(): Promise<string> {
    if (this.#tokens && this.#browser.now() > this.#tokens.expiresAt - MARGIN_MS) {
      this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
      await this.#renewing;
    }
    if (!this.#tokens) throw new SignedOut();
    return this.#tokens.access;
  }

  /** Makes the next [`token`] a new one: the one at hand was refused. */
  expire(): void {
    if (this.#tokens) this.#tokens.expiresAt = 0;
  }

  /** Ends the session, here and at the server. */
  leaveForGood(): void {
    const hint = this.#tokens?.id;
    this.#tokens = undefined;
    const query = new URLSearchParams({ client_id: CLIENT_ID, post_logout_redirect_uri: `${this.#browser.origin}/admin` });
    if (hint) query.set("id_token_hint", hint);
    this.#browser.go(`${this.#browser.origin}/oauth/logout?${query}`);
  }

  async #renew(): Promise<void> {
    const refresh = this.#tokens?.refresh;
    if (!refresh || (await this.#redeem({ grant_type: "refresh_token", refresh_token: refresh })) !== undefined) {
      this.#tokens = undefined;
      this.onEnd();
    }
  }

  /** Trades a grant for tokens; answers why not. */
  async #redeem(grant: Record<string, string>): Promise<string | undefined> {
    const response = await this.#browser.fetch(`${this.#browser.origin}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({ client_id: CLIENT_ID, ...grant }),
    });
    const answer = await response.json();
    if (!response.ok) {
      // Somebody who may not, or a server that cannot: only the first is the session's end.
      if (response.status >= 500) throw new Error("The server cannot be reached at the moment.");
      return answer.error_description ?? answer.error ?? "The sign-in was refused.";
    }
    this.#tokens = {
      access: answer.access_token,
      expiresAt: this.#browser.now() + answer.expires_in * 1_000,
      refresh: answer.refresh_token,
      id: answer.id_token ?? this.#tokens?.id,
    };
    return undefined;
  }
}

/** Nobody is signed in (any more). */
export class SignedOut extends Error {
  constructor() {
    super("You are signed out.");
  }
}
