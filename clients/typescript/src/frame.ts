// What does the server say?

import { parseCursor, type Cursor } from "./cursor.ts";
import { member, object, text, whole, type Members } from "./json.ts";
import { parseRevocation, type Revocation } from "./revocation.ts";

/** The longest nonce of a `sync`. */
const NONCE_CHARS_MAX = 64;
/** More parts than any snapshot needs. */
const PARTS_MAX = 10_000;
/** Nobody who drains waits longer than ten minutes. */
const DRAIN_MS_MAX = 600_000;
/** A heartbeat beyond five minutes keeps no connection open. */
const HEARTBEAT_S_MAX = 300;
/** Knowledge older than an hour is none. */
const STALENESS_S_MAX = 3_600;

/** Which part of which snapshot. */
export type Part = { readonly cursor: Cursor; readonly part: number; readonly parts: number };

/** A frame from the server; `unknown` is one of a later version: heard, and nothing else. */
export type Frame =
  | { type: "pong" | "unknown" }
  | { type: "hello"; heartbeatS: number; maxStalenessS: number }
  | { type: "reset"; part: Part; revoked: Revocation[] }
  | { type: "event"; cursor: Cursor; set: string }
  | { type: "caught_up"; cursor: Cursor }
  | { type: "synced"; nonce: string; cursor: Cursor }
  | { type: "drain"; afterMs: number };

/** Reads a frame; `undefined` when the protocol has none like it. */
export function parseFrame(spelled: string): Frame | undefined {
  if (spelled === "pong") return { type: "pong" };
  const members = object(spelled);
  const type = members && member(members, "type");
  if (!members || typeof type !== "string") return undefined;
  const read = READERS.get(type);
  return read ? read(members, parseCursor(member(members, "cursor"))) : { type: "unknown" };
}

const READERS = new Map<string, (members: Members, cursor: Cursor | undefined) => Frame | undefined>([
  [
    "hello",
    (members) => {
      const heartbeatS = within(members, "heartbeat", HEARTBEAT_S_MAX);
      const maxStalenessS = within(members, "max_staleness", STALENESS_S_MAX);
      return heartbeatS && maxStalenessS ? { type: "hello", heartbeatS, maxStalenessS } : undefined;
    },
  ],
  [
    "reset",
    (members, cursor) => {
      const parts = within(members, "parts", PARTS_MAX);
      const part = parts && within(members, "part", parts);
      const records = member(members, "revoked");
      if (!cursor || !parts || !part || !Array.isArray(records)) return undefined;
      const revoked = records.map(parseRevocation).filter((record) => record !== undefined);
      return revoked.length === records.length ? { type: "reset", part: { cursor, part, parts }, revoked } : undefined;
    },
  ],
  [
    "event",
    (members, cursor) => {
      const set = member(members, "set");
      return cursor && typeof set === "string" ? { type: "event", cursor, set } : undefined;
    },
  ],
  ["caught_up", (_, cursor) => cursor && { type: "caught_up", cursor }],
  [
    "synced",
    (members, cursor) => {
      const nonce = text(members, "nonce");
      return cursor && nonce !== undefined ? { type: "synced", nonce, cursor } : undefined;
    },
  ],
  [
    "drain",
    (members) => {
      const afterMs = whole(members, "after_ms");
      return afterMs === undefined ? undefined : { type: "drain", afterMs: Math.min(afterMs, DRAIN_MS_MAX) };
    },
  ],
]);

/** Whether a `sync` may carry this nonce. */
export function isNonce(nonce: string): boolean {
  const length = [...nonce].length;
  return length >= 1 && length <= NONCE_CHARS_MAX;
}

/** A number from 1 on. */
function within(members: Members, name: string, max: number): number | undefined {
  const number = whole(members, name);
  return number !== undefined && number >= 1 && number <= max ? number : undefined;
}
