// What does the tenant answer?

import { Access, Fault, unusable, type Token } from "./access.ts";
import { member } from "./json.ts";
import { KeyRing } from "./key-ring.ts";
import { clock } from "./time.ts";
import { parseKeys, type Keys } from "./token.ts";

/** What the feed asks for. */
const SCOPE = "revocations.read";

export type TenantOptions = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly fetch: typeof fetch;
};

/** One tenant, as its discovery document describes it. */
export class Tenant {
  readonly #access: Access;
  readonly #ring = new KeyRing();
  #reading: Promise<void> | undefined;
  #used: Token | undefined;

  constructor(options: TenantOptions) {
    this.#access = new Access({ ...options, scope: SCOPE });
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
    this.#used = await this.#access.token(isSpent ? this.#used : undefined);
    return this.#used.text;
  }

  /** Whether the tenant itself holds this token for active (RFC 7662). @throws {Fault} */
  async isActive(token: string): Promise<boolean> {
    const endpoint = await this.#access.endpoint("introspection_endpoint");
    const told = await this.#access.submit("the introspection", endpoint, { token, token_type_hint: "access_token" });
    const active = member(told, "active");
    if (typeof active !== "boolean") throw unusable("the introspection");
    return active;
  }

  async #readKeys(): Promise<void> {
    this.#ring.trying(clock());
    const keys = parseKeys(await this.#access.read("the key set", await this.#access.endpoint("jwks_uri")));
    if (!keys) throw unusable("the key set");
    this.#ring.put(keys, clock());
  }
}
