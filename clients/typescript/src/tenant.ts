// What does the tenant answer?

import { member, object, text, whole, type Members } from "./json.ts";
import { KeyRing } from "./key-ring.ts";
import { clock, type Now } from "./time.ts";
import { parseKeys, type Keys } from "./token.ts";

/** What the feed asks for. */
const SCOPE = "revocations.read";
/** A token is replaced so long before it expires. */
const TOKEN_MARGIN_MS = 30_000;
/** No access token is longer. */
const TOKEN_CHARS_MAX = 16_384;
/** Larger than any key set or metadata document. */
const BODY_BYTES_MAX = 262_144;
/** Nothing we ask takes longer. */
const TIMEOUT_MS = 10_000;

/** The tenant could not be asked. The message carries neither secret nor token. */
export class Fault extends Error {
  override readonly name = "Fault";
}

type Endpoints = { jwks: string; token: string; introspection: string };

export type TenantOptions = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly fetch: typeof fetch;
};

/** One tenant, as its discovery document describes it. */
export class Tenant {
  readonly #issuer: string;
  readonly #authorization: string;
  readonly #fetch: typeof fetch;
  readonly #ring = new KeyRing();
  #endpoints: Endpoints | undefined;
  #reading: Promise<void> | undefined;
  #token: { text: string; until: Now } | undefined;

  constructor({ issuer, clientId, clientSecret, fetch }: TenantOptions) {
    this.#issuer = issuer;
    // Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
    this.#authorization = `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`;
    this.#fetch = fetch;
  }

  /**
   * The tenant's keys: read again when they are old, or when a token named
   * one that is not among them.
   *
   * @throws {Fault}
   */
  async keys(isOneUnknown: boolean): Promise<Keys> {
    if (this.#reading) await this.#reading.catch(() => {});
    if (this.#ring.wants(isOneUnknown, clock())) {
      this.#reading = this.#readKeys().finally(() => (this.#reading = undefined));
      await this.#reading.catch((fault) => {
        if (!this.#ring.usable(clock())) throw fault;
      });
    }
    const keys = this.#ring.usable(clock());
    if (!keys) throw new Fault("the tenant's keys cannot be read");
    return keys;
  }

  /** An access token for the feed; a new one when the last has expired or `isSpent`. @throws {Fault} */
  async token(isSpent: boolean): Promise<string> {
    if (this.#token && !isSpent && clock().wallMs < this.#token.until.wallMs) return this.#token.text;
    const { token } = await this.#described();
    const granted = await this.#submit("the token request", token, { grant_type: "client_credentials", scope: SCOPE });
    const access = member(granted, "access_token");
    if (typeof access !== "string" || access.length > TOKEN_CHARS_MAX) throw unusable("the token request");
    const { wallMs, monoMs } = clock();
    const lifeMs = (whole(granted, "expires_in") ?? 0) * 1_000;
    this.#token = { text: access, until: { wallMs: wallMs + lifeMs - TOKEN_MARGIN_MS, monoMs } };
    return access;
  }

  /** Whether the tenant itself holds this token for active (RFC 7662). @throws {Fault} */
  async isActive(token: string): Promise<boolean> {
    const { introspection } = await this.#described();
    const told = await this.#submit("the introspection", introspection, { token, token_type_hint: "access_token" });
    const active = member(told, "active");
    if (typeof active !== "boolean") throw unusable("the introspection");
    return active;
  }

  async #readKeys(): Promise<void> {
    this.#ring.trying(clock());
    const { jwks } = await this.#described();
    const keys = parseKeys(await this.#ask("the key set", jwks, {}));
    if (!keys) throw unusable("the key set");
    this.#ring.put(keys, clock());
  }

  /** The endpoints of the tenant's own document (OpenID Connect Discovery §4.3), all at its own origin. */
  async #described(): Promise<Endpoints> {
    if (this.#endpoints) return this.#endpoints;
    const document = object(await this.#ask("discovery", `${this.#issuer}/.well-known/openid-configuration`, {}));
    if (!document || text(document, "issuer") !== this.#issuer) throw unusable("discovery");
    const endpoint = (name: string) => {
      const url = text(document, name) ?? "";
      // Secrets are sent nowhere else.
      if (!URL.canParse(url) || new URL(url).origin !== this.#issuer) throw unusable("discovery");
      return url;
    };
    this.#endpoints = {
      jwks: endpoint("jwks_uri"),
      token: endpoint("token_endpoint"),
      introspection: endpoint("introspection_endpoint"),
    };
    return this.#endpoints;
  }

  async #submit(what: string, url: string, form: Record<string, string>): Promise<Members> {
    const headers = { Authorization: this.#authorization, "Content-Type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(form).toString();
    const answer = object(await this.#ask(what, url, { method: "POST", headers, body }));
    if (!answer) throw unusable(what);
    return answer;
  }

  /** Asks; a redirect is an answer like any other, so no secret follows it. */
  async #ask(what: string, url: string, init: RequestInit): Promise<string> {
    const headers = { Accept: "application/json", ...(init.headers as Record<string, string>) };
    const ask = this.#fetch;
    let response: Response;
    try {
      response = await ask(url, { ...init, headers, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      throw new Fault("cannot reach the tenant", { cause });
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Fault(`the tenant answered ${what} with status ${response.status}`);
    }
    return bounded(response, what);
  }
}

function unusable(what: string): Fault {
  return new Fault(`the tenant's answer to ${what} cannot be used`);
}

async function bounded(response: Response, what: string): Promise<string> {
  const decoder = new TextDecoder();
  let body = "";
  let size = 0;
  try {
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > BODY_BYTES_MAX) throw unusable(what);
      body += decoder.decode(part, { stream: true });
    }
  } catch (cause) {
    throw cause instanceof Fault ? cause : new Fault("cannot reach the tenant", { cause });
  }
  return body + decoder.decode();
}

function formEncoded(value: string): string {
  return new URLSearchParams([["", value]]).toString().slice(1);
}
