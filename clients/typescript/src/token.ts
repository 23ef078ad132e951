// Is this text a token of this tenant, for us, and still good by itself?

import { compactVerify, createLocalJWKSet, decodeProtectedHeader, errors, type CompactVerifyGetKey, type JSONWebKeySet } from "jose";
import { isObject, isText, member, object, text, whole, type Members } from "./json.ts";
import { parseRevocation, type Facts, type Revocation } from "./revocation.ts";
import { LEEWAY_S_MAX, type Now } from "./time.ts";

/** All that is accepted: no `none`, nothing symmetric. */
const ALGORITHMS = ["EdDSA", "ES256", "RS256"];
/** Longer than any token in use, and little work to refuse. */
const TEXT_CHARS_MAX = 16_384;
/** More audiences than any token names. */
const AUDIENCES_MAX = 16;
/** More keys than any tenant has at once. */
const KEYS_MAX = 64;
/** The one event of the feed. */
const REVOKED = "urn:aero2:event:revoked";

/** A tenant's key set. */
export type Keys = CompactVerifyGetKey;

/** Reads a JWK set; `undefined` when it is none. Keys of other kinds and for other uses are passed over. */
export function parseKeys(jwks: string): Keys | undefined {
  const members = object(jwks);
  const keys = members && member(members, "keys");
  if (!Array.isArray(keys)) return undefined;
  const named = keys.slice(0, KEYS_MAX).filter((key) => isObject(key) && isText(key["kid"]));
  return createLocalJWKSet({ keys: named } as JSONWebKeySet);
}

/** The first thing that does not hold of a token. */
export type TokenRefusal =
  | "malformed"
  | "algorithm"
  | "type"
  | "critical"
  | "unknown_key"
  | "signature"
  | "issuer"
  | "audience"
  | "expired"
  | "not_yet"
  | "claim";

/** Thrown for a token that is refused; the message never quotes the token. */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
  readonly refusal: TokenRefusal;

  constructor(refusal: TokenRefusal) {
    super(`the token is refused: ${refusal}`);
    this.refusal = refusal;
  }
}

/** What a token must say to be for us. */
export type Expectations = {
  /** The tenant's issuer, letter for letter. */
  readonly issuer: string;
  /** Who we are: one of the token's audiences. */
  readonly audience: string;
  /** How far clocks may differ, at most a minute. */
  readonly leewayS: number;
};

/** An access token whose signature and claims are good. */
export type AccessToken = Facts & {
  /** What it allows. */
  readonly scopes: readonly string[];
  /** All of its claims. */
  readonly claims: Readonly<Members>;
};

/**
 * Verifies an access token (RFC 9068 §4) against the tenant's keys and checks
 * its claims. Whether its session still stands is for the feed to say.
 *
 * @throws {TokenRefused} naming the first thing that does not hold
 */
export async function verifyAccessToken(spelled: string, keys: Keys, expected: Expectations, now: Now): Promise<AccessToken> {
  const claims = await opened(spelled, keys, "at+jwt");
  checkParties(claims, expected.issuer, [expected.audience]);
  const { issuedAt, expiresAt } = lifetime(claims, expected.leewayS, now);
  const scope = member(claims, "scope") ?? "";
  if (typeof scope !== "string") throw new TokenRefused("claim");
  return {
    subject: required(claims, "sub"),
    client: required(claims, "client_id"),
    session: Object.hasOwn(claims, "sid") ? required(claims, "sid") : undefined,
    id: required(claims, "jti"),
    issuedAt,
    expiresAt,
    scopes: scope.split(" ").filter((one) => one !== ""),
    claims,
  };
}

/**
 * Verifies a security event token (RFC 8417) of the feed and reads its record.
 *
 * @param audiences the names the feed may address: the tenant's default audience
 * @throws {TokenRefused} naming the first thing that does not hold
 */
export async function openSecurityEvent(spelled: string, keys: Keys, issuer: string, audiences: readonly string[]): Promise<Revocation> {
  const claims = await opened(spelled, keys, "secevent+jwt");
  checkParties(claims, issuer, audiences);
  required(claims, "jti");
  if (whole(claims, "iat") === undefined) throw new TokenRefused("claim");
  const events = member(claims, "events");
  const revocation = isObject(events) ? parseRevocation(member(events, REVOKED)) : undefined;
  if (!revocation) throw new TokenRefused("claim");
  return revocation;
}

/** The claims, once one of the tenant's keys has verified them. What they say is not judged here. */
async function opened(spelled: string, keys: Keys, typ: string): Promise<Members> {
  checkShape(spelled);
  checkHeader(spelled, typ);
  const verified = await compactVerify(spelled, keys, { algorithms: ALGORITHMS }).catch((error: unknown) => {
    throw refusalOf(error);
  });
  const claims = object(new TextDecoder().decode(verified.payload));
  if (!claims) throw new TokenRefused("malformed");
  return claims;
}

const COMPACT = /^[\w-]*\.[\w-]*\.[\w-]*$/;

function checkShape(spelled: string): void {
  if (spelled.length > TEXT_CHARS_MAX || !COMPACT.test(spelled)) throw new TokenRefused("malformed");
}

function checkHeader(spelled: string, typ: string): void {
  const header = attempt(() => decodeProtectedHeader(spelled));
  if (!header) throw new TokenRefused("malformed");
  if (!ALGORITHMS.includes(header.alg ?? "")) throw new TokenRefused("algorithm");
  const named = typeof header.typ === "string" ? header.typ.toLowerCase() : "";
  if (named.replace(/^application\//, "") !== typ) throw new TokenRefused("type");
  // We understand no extension, so any that is critical refuses (RFC 7515 §4.1.11).
  if (Object.hasOwn(header, "crit") || Object.hasOwn(header, "b64")) throw new TokenRefused("critical");
  if (!isText(header.kid)) throw new TokenRefused("unknown_key");
}

/** What jose refused, in our words; what is no refusal is passed on as it is. */
function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return new TokenRefused("unknown_key");
  if (error instanceof errors.JWSInvalid) return new TokenRefused("malformed");
  // A published key that cannot be used, such as one too short, verifies nothing.
  if (error instanceof errors.JOSEError || error instanceof TypeError) return new TokenRefused("signature");
  return error;
}

function checkParties(claims: Members, issuer: string, audiences: readonly string[]): void {
  if (member(claims, "iss") !== issuer) throw new TokenRefused("issuer");
  const aud = member(claims, "aud");
  const named: unknown[] = Array.isArray(aud) ? (aud.length <= AUDIENCES_MAX ? aud : []) : [aud];
  if (!named.some((one) => typeof one === "string" && audiences.includes(one))) throw new TokenRefused("audience");
}

/** From when until when, if that is now. */
function lifetime(claims: Members, leewayS: number, now: Now): { issuedAt: number; expiresAt: number } {
  const leeway = Math.min(leewayS, LEEWAY_S_MAX);
  const nowS = Math.floor(now.wallMs / 1_000);
  const issuedAt = whole(claims, "iat");
  const expiresAt = whole(claims, "exp");
  const notBefore = Object.hasOwn(claims, "nbf") ? whole(claims, "nbf") : 0;
  if (issuedAt === undefined || expiresAt === undefined || notBefore === undefined) throw new TokenRefused("claim");
  if (expiresAt + leeway <= nowS) throw new TokenRefused("expired");
  if (issuedAt > nowS + leeway || notBefore > nowS + leeway) throw new TokenRefused("not_yet");
  return { issuedAt, expiresAt };
}

function required(claims: Members, name: string): string {
  const value = text(claims, name);
  if (value === undefined) throw new TokenRefused("claim");
  return value;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
