// How does a form's text become members of a document, and back?

import { duration } from "./format.ts";

export type Kind = "text" | "email" | "password" | "url" | "color" | "lines" | "words" | "number" | "duration" | "yes" | "choice" | "exactly";

/** One member of a document, as a form asks for it. */
export interface Field {
  name: string;
  label: string;
  kind?: Kind;
  hint?: string;
  isRequired?: boolean;
  /** Of a choice, or of words of which several may be chosen. */
  options?: string[];
  /** What must be typed, of `exactly`. */
  text?: string;
}

/** Why what was typed cannot be meant. */
export class Unreadable extends Error {
  readonly field: string;
  constructor(field: string, why: string) {
    super(why);
    this.field = field;
  }
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "1 h 30 min" in milliseconds; `undefined` when it is no length of time. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)\s*/gy)];
  if (parts.length === 0 || parts.reduce((length, part) => length + part[0].length, 0) !== text.trim().length) return undefined;
  let total = 0;
  for (const [, number, unit] of parts) {
    const length = UNIT_MS[unit!];
    if (length === undefined) return undefined;
    total += Number(number) * length;
  }
  return Math.round(total);
}

/** A member's value as the form shows it. */
export function shown({ kind }: Field, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (kind === "duration") return duration(Number(value));
  if (kind === "lines") return (value as string[]).join("\n");
  if (Array.isArray(value)) return value.join(" ");
  return String(value);
}

/** The member that a form's text stands for; `undefined` for nothing. */
export function read(field: Field, text: string): unknown {
  const trimmed = field.kind === "password" ? text : text.trim();
  if (field.kind === "yes") return text === "true";
  if (field.kind === "lines") return trimmed === "" ? [] : trimmed.split(/\s*\n\s*/);
  if (field.kind === "words" && field.options) return trimmed === "" ? [] : trimmed.split(/\s+/);
  if (field.kind === "exactly" && trimmed !== field.text) throw new Unreadable(field.name, `Type ${field.text} to go on.`);
  if (trimmed === "") {
    if (field.isRequired) throw new Unreadable(field.name, "This is needed.");
    return undefined;
  }
  if (field.kind === "number") {
    if (!/^-?\d+$/.test(trimmed)) throw new Unreadable(field.name, "This must be a whole number.");
    return Number(trimmed);
  }
  if (field.kind === "duration") {
    const length = parseDuration(trimmed);
    if (length === undefined) throw new Unreadable(field.name, "This must be a length of time, such as 30 min or 1 h 30 min.");
    return length;
  }
  return trimmed;
}

/** Everything a form says. */
export function document(fields: Field[], values: Record<string, string>): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const field of fields) {
    const value = read(field, values[field.name] ?? "");
    if (field.kind !== "exactly" && value !== undefined) members[field.name] = value;
  }
  return members;
}

/** What a form changes of a document: a merge patch (RFC 7396), in which null takes a member away. */
export function patch(fields: Field[], values: Record<string, string>, before: Record<string, unknown>): Record<string, unknown> {
  const changed = fields.filter((field) => (values[field.name] ?? "") !== shown(field, before[field.name]));
  return Object.fromEntries(changed.map((field) => [field.name, read(field, values[field.name] ?? "") ?? null]));
}
