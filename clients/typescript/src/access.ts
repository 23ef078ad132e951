// By what right does a client ask?

import { member, object, text, whole, type Members } from "./json.ts";
import { clock, since, type Now } from "./time.ts";

/** A token is replaced so long before it expires, or half its life before if that is less. */
const TOKEN_MARGIN_MS = 30_000;
/** No access token is longer. */
const TOKEN_CHARS_MAX = 16_384;
/** After a failure, the tenant is not asked for a token again any sooner. */
const TOKEN_PAUSE_MS = 1_000;
/**
 * A token request that has taken so long is not waited for by those who come
 * now: where a request's promises end with it (Cloudflare Workers), it may
 * never be answered.
 */
const FLIGHT_MS_MAX = 1_000;
/** Larger than any key set, metadata document or list of verdicts. */
const BODY_BYTES_MAX = 262_144;
/** Nothing we ask takes longer. */
const TIMEOUT_MS = 10_000;

/** The tenant could not be asked. The message carries neither secret nor token. */
export class Fault extends Error {
  override readonly name = "Fault";
}

/** Who asks whom, and what for. */
export type Client = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  readonly fetch: typeof fetch;
};

/** An access token, and which of ours it is. */
export class Token {
  readonly #text: string;
  readonly number: number;

  constructor(text: string, number: number) {
    this.#text = text;
    this.number = number;
  }

  /** The text, for the one request that needs it. */
  get text(): string {
    return this.#text;
  }
}

type Held = { token: Token; from: Now; lifeMs: number };

/** A tenant, as a client of its own reaches it. */
export class Access {
  readonly issuer: string;
  readonly #authorization: string;
  readonly #scope: string;
  readonly #fetch: typeof fetch;
  #described: Members | undefined;
  #held: Held | undefined;
  #failed: { fault: unknown; at: Now } | undefined;
  #flight: { token: Promise<Token>; from: Now } | undefined;
  #asked = 0;

  constructor({ issuer, clientId, clientSecret, scope, fetch }: Client) {
    this.issuer = issuer;
    // Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
    this.#authorization = `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`;
    this.#scope = scope;
    this.#fetch = fetch;
  }

  /**
   * An access token, kept until shortly before it expires, or until somebody
   * says that it was `spent`. However many wait, one request is made, and it
   * goes on when those who wait for it have given up.
   *
   * @throws {Fault} the same one for everybody, for a second
   */
  async token(spent?: Token): Promise<Token> {
    const now = clock();
    if (this.#held && (!spent || spent.number < this.#held.token.number)) {
      const { token, from, lifeMs } = this.#held;
      if (since(now, from) < lifeMs - Math.min(TOKEN_MARGIN_MS, lifeMs / 2)) return token;
    }
    if (this.#failed && since(now, this.#failed.at) < TOKEN_PAUSE_MS) throw this.#failed.fault;
    if (!this.#flight || since(now, this.#flight.from) >= FLIGHT_MS_MAX) {
      this.#asked += 1;
      const flight = { token: this.#grant(this.#asked), from: now };
      this.#flight = flight;
      const landed = () => {
        if (this.#flight === flight) this.#flight = undefined;
      };
      flight.token.then(landed, (fault: unknown) => {
        landed();
        this.#failed = { fault, at: clock() };
      });
    }
    return this.#flight.token;
  }

  /**
   * The address that the tenant's own document gives under `name`, at its own
   * origin (OpenID Connect Discovery §4.3).
   *
   * @throws {Fault}
   */
  async endpoint(name: string): Promise<string> {
    const document = (this.#described ??= await this.#describe());
    const url = text(document, name) ?? "";
    // Secrets are sent nowhere else.
    if (!URL.canParse(url) || new URL(url).origin !== this.issuer) throw unusable("discovery");
    return url;
  }

  /** Reads a document. @throws {Fault} */
  read(what: string, url: string): Promise<string> {
    return this.#granted(what, url, {});
  }

  /** Submits a form as the client itself. @throws {Fault} */
  async submit(what: string, url: string, form: Record<string, string>): Promise<Members> {
    const headers = { Authorization: this.#authorization, "Content-Type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(form).toString();
    const answer = object(await this.#granted(what, url, { method: "POST", headers, body }));
    if (!answer) throw unusable(what);
    return answer;
  }

  /** Asks; a redirect is an answer like any other, so no secret follows it. @throws {Fault} */
  async ask(url: string, init: RequestInit): Promise<{ response: Response; body: string }> {
    const headers = { Accept: "application/json", ...(init.headers as Record<string, string>) };
    const ask = this.#fetch;
    try {
      const response = await ask(url, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init, headers, redirect: "manual" });
      return { response, body: await bounded(response) };
    } catch (cause) {
      throw new Fault("cannot reach the tenant", { cause });
    }
  }

  async #granted(what: string, url: string, init: RequestInit): Promise<string> {
    const { response, body } = await this.ask(url, init);
    if (response.status !== 200) throw new Fault(`the tenant answered ${what} with status ${response.status}`);
    return body;
  }

  async #describe(): Promise<Members> {
    const document = object(await this.read("discovery", `${this.issuer}/.well-known/openid-configuration`));
    if (!document || text(document, "issuer") !== this.issuer) throw unusable("discovery");
    return document;
  }

  async #grant(number: number): Promise<Token> {
    const endpoint = await this.endpoint("token_endpoint");
    const from = clock();
    const granted = await this.submit("the token request", endpoint, { grant_type: "client_credentials", scope: this.#scope });
    const access = member(granted, "access_token");
    const lifeS = whole(granted, "expires_in");
    if (typeof access !== "string" || access === "" || access.length > TOKEN_CHARS_MAX || lifeS === undefined) {
      throw unusable("the token request");
    }
    const token = new Token(access, number);
    this.#held = { token, from, lifeMs: lifeS * 1_000 };
    this.#failed = undefined;
    return token;
  }
}

export function unusable(what: string): Fault {
  return new Fault(`the tenant's answer to ${what} cannot be used`);
}

/** The body, all of it; what is too long is not read to its end. */
async function bounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let body = "";
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > BODY_BYTES_MAX) throw new Error("the answer is too long");
    body += decoder.decode(part, { stream: true });
  }
  return body + decoder.decode();
}

function formEncoded(value: string): string {
  return new URLSearchParams([["", value]]).toString().slice(1);
}
