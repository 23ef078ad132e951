// Where in the log are we?

const SPELLING = /^([0-9A-Za-z]{8})\.(0|[1-9][0-9]{0,15})$/;

/** A place in a tenant's log, `{epoch}.{seq}`; numbers are compared within one epoch only. */
export type Cursor = { readonly epoch: string; readonly seq: number };

/** Reads a cursor; `undefined` when it is spelled otherwise. */
export function parseCursor(text: unknown): Cursor | undefined {
  const [, epoch, digits] = (typeof text === "string" && SPELLING.exec(text)) || [];
  const seq = Number(digits);
  return epoch !== undefined && Number.isSafeInteger(seq) ? { epoch, seq } : undefined;
}

export function spell(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.seq}`;
}

/** Whether both are places in the same log. */
export function isBeside(one: Cursor | undefined, other: Cursor | undefined): boolean {
  return one !== undefined && one.epoch === other?.epoch;
}

/** Whether `one` is the same place in the same log as `other`, or a later one. */
export function isAtOrAfter(one: Cursor, other: Cursor | undefined): boolean {
  return other !== undefined && isBeside(one, other) && one.seq >= other.seq;
}
