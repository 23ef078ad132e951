// How are members of a JSON document read?

/** Members by name. */
export type Members = Record<string, unknown>;

/** The longest id, name or address we keep: longer than any in use. */
const TEXT_BYTES_MAX = 256;

const utf8 = new TextEncoder();

export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that `text` is. */
export function object(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A member by name; what every object inherits is none of its members. */
export function member(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

/** A text that is neither empty nor too long. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && utf8.encode(value).length <= TEXT_BYTES_MAX;
}

export function text(members: Members, name: string): string | undefined {
  const value = member(members, name);
  return isText(value) ? value : undefined;
}

/** A whole number from 0 on. */
export function whole(members: Members, name: string): number | undefined {
  const value = member(members, name);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
