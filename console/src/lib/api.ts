// How is the admin API asked, and what may come back?

import type { SignIn } from "./sign_in.ts";

/** A refusal, as the API tells it (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  /** The last part of its type: a word for programs. */
  readonly word: string;
  /** The request's name in the logs. */
  readonly request: string | undefined;
  /** Seconds to wait, of a 429 or 503. */
  readonly retryAfter: number | undefined;

  constructor(status: number, word: string, detail: string, request?: string, retryAfter?: number) {
    super(detail);
    this.status = status;
    this.word = word;
    this.request = request;
    this.retryAfter = retryAfter;
  }

  /** The member it is about, when it names one first: `rules[1].burst`. */
  get member(): string | undefined {
    return this.status === 422 || this.status === 400 ? /^([a-z_]+(?:\[\d+\]|\.[a-z_]+)*) (?:must|is) /.exec(this.message)?.[1] : undefined;
  }
}

/** The act wants a sign-in no older than this (RFC 9470 §3). */
export class Stale extends Error {
  readonly maxAge: string;
  constructor(maxAge: string) {
    super("This needs a fresh sign-in.");
    this.maxAge = maxAge;
  }
}

/** A page of a list. */
export interface List<T> {
  items: T[];
  next_cursor: string | null;
}

/** Values for the query; what is undefined or empty is left out. */
export type Query = Record<string, string | number | undefined>;

/** As many as a page may have, and as many pages as somebody may want to keep at once. */
const PAGE_MAX = 100;
const PAGES_MAX = 500;

export const JSON_LINES = "application/jsonl";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** A path of segments, none of which can break out of its place. */
export function path(...segments: string[]): string {
  return `/admin/v1/${segments.map(encodeURIComponent).join("/")}`;
}

export function withQuery(to: string, query: Query = {}): string {
  const sent = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return sent.length === 0 ? to : `${to}?${new URLSearchParams(sent.map(([name, value]) => [name, String(value)]))}`;
}

export class Api {
  #signIn: Pick<SignIn, "token" | "expire">;
  #fetch: typeof fetch;

  constructor(signIn: Pick<SignIn, "token" | "expire">, fetcher: typeof fetch) {
    this.#signIn = signIn;
    this.#fetch = fetcher;
  }

  get<T>(to: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return this.#ask("GET", withQuery(to, query), undefined, signal) as Promise<T>;
  }

  send<T = void>(method: Method, to: string, body?: unknown, query?: Query): Promise<T> {
    return this.#ask(method, withQuery(to, query), body) as Promise<T>;
  }

  /** A list as lines of JSON, for somebody to keep: page by page, as each names the next (RFC 8288). */
  async lines(to: string, query: Query): Promise<string> {
    let next: string | undefined = withQuery(to, { ...query, limit: PAGE_MAX });
    let text = "";
    for (let pages = 0; next !== undefined && pages < PAGES_MAX; pages += 1) {
      const response = await this.#once("GET", next, undefined, undefined, JSON_LINES);
      if (!response.ok) throw await refusal(response);
      text += await response.text();
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    return text;
  }

  async #ask(method: Method, to: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
    let response = await this.#once(method, to, body, signal);
    // A token may be taken back before it expires: by a rotation of keys, say. A new one tells.
    if (response.status === 401 && !isStale(response)) {
      this.#signIn.expire();
      response = await this.#once(method, to, body, signal);
    }
    if (response.ok) return response.status === 204 ? undefined : response.json();
    throw await refusal(response);
  }

  async #once(method: Method, to: string, body?: unknown, signal?: AbortSignal, accept = "application/json"): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${await this.#signIn.token()}`, accept };
    if (body !== undefined) headers["content-type"] = "application/json";
    const fetcher = this.#fetch;
    return fetcher(to, { method, headers, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null });
  }
}

const challenge = (response: Response) => response.headers.get("www-authenticate") ?? "";

function isStale(response: Response): boolean {
  return response.status === 401 && challenge(response).includes("insufficient_user_authentication");
}

async function refusal(response: Response): Promise<Error> {
  if (isStale(response)) return new Stale(/max_age="?(\d+)/.exec(challenge(response))?.[1] ?? "0");
  const told = await response.json().catch(() => ({}));
  const word = typeof told.type === "string" ? told.type.split(/[/:#]/).pop() : (told.error ?? "");
  const detail = told.detail ?? told.error_description ?? `The server answered ${response.status}.`;
  const wait = Number(response.headers.get("retry-after"));
  const request = typeof told.instance === "string" ? told.instance.split(":").pop() : undefined;
  return new Problem(response.status, word, detail, request, wait > 0 ? wait : undefined);
}
