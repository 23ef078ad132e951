// What does one record of the log take away?

import { isObject, isText, member, text, whole, type Members } from "./json.ts";

/** The most sessions one record names. */
const SESSIONS_MAX = 100;

const OF_TENANT = "tenant";

/** What tells one token from another, as far as revocations go. */
export type Facts = {
  /** `sub`. */
  readonly subject: string;
  /** `client_id`. */
  readonly client: string;
  /** `sid`; none for a client's own token. */
  readonly session?: string | undefined;
  /** `jti`. */
  readonly id: string;
  /** `iat`, in seconds. */
  readonly issuedAt: number;
  /** `exp`, in seconds. */
  readonly expiresAt: number;
};

/** Tokens that share a session, a grant, an id, a client or a tenant. */
export type Key = {
  /** What they share, spelled so that no two kinds can meet. */
  readonly name: string;
  /** Only those issued up to then, in seconds; all when there is no such instant. */
  readonly notBefore?: number;
};

/** A record of the log: which tokens are worth nothing. */
export type Revocation = {
  /** In seconds: no token that it takes away lives longer. */
  readonly exp: number;
  /** `undefined`: something this version does not know, so any token it could concern is uncertain. */
  readonly keys: readonly Key[] | undefined;
};

/** Reads a record from the members of `urn:aero2:event:revoked`; `undefined` when it is malformed. */
export function parseRevocation(members: unknown): Revocation | undefined {
  if (!isObject(members)) return undefined;
  const exp = whole(members, "exp");
  const kind = text(members, "kind");
  if (exp === undefined || kind === undefined) return undefined;
  const read = READERS.get(kind);
  if (!read) return { exp, keys: undefined };
  const keys = read(members);
  return keys && { exp, keys };
}

const READERS = new Map<string, (members: Members) => Key[] | undefined>([
  ["sessions", sessions],
  ["grant", (members) => named(text(members, "grant"), ofGrant)],
  ["token", (members) => named(text(members, "jti"), ofId)],
  ["client", (members) => since(members, named(text(members, "client_id"), ofClient))],
  ["tenant", (members) => since(members, [{ name: OF_TENANT }])],
  [
    "consent",
    (members) => {
      const client = text(members, "client_id");
      if (client === undefined) return undefined;
      return since(members, named(text(members, "sub"), (subject) => ofConsent(subject, client)));
    },
  ],
]);

function sessions(members: Members): Key[] | undefined {
  const sids = member(members, "sids");
  if (!Array.isArray(sids) || sids.length < 1 || sids.length > SESSIONS_MAX) return undefined;
  return sids.every(isText) ? sids.map((sid) => ({ name: ofSession(sid) })) : undefined;
}

function named(value: string | undefined, of: (value: string) => string): Key[] | undefined {
  return value === undefined ? undefined : [{ name: of(value) }];
}

function since(members: Members, keys: Key[] | undefined): Key[] | undefined {
  const notBefore = whole(members, "not_before");
  return notBefore === undefined ? undefined : keys?.map((key) => ({ ...key, notBefore }));
}

const ofSession = (sid: string) => `sid:${sid}`;
const ofGrant = (grant: string) => `grant:${grant}`;
const ofId = (jti: string) => `jti:${jti}`;
const ofClient = (client: string) => `client:${client}`;
/** The length keeps `a`, `b:c` apart from `a:b`, `c`. */
const ofConsent = (subject: string, client: string) => `consent:${[...subject].length}:${subject}:${client}`;

/** The names of all keys that a token is behind. */
export function keysOf(token: Facts): string[] {
  const { subject, client, session, id } = token;
  const names = [OF_TENANT, ofClient(client), ofConsent(subject, client), ofId(id)];
  if (session !== undefined) names.push(ofSession(session));
  for (let at = id.indexOf("."); at !== -1; at = id.indexOf(".", at + 1)) names.push(ofGrant(id.slice(0, at)));
  return names;
}
