// How is somebody told that there was too much?

import { LimitError } from "./error.ts";
import type { Verdict } from "./verdict.ts";

/** When to come back if nobody knows: soon enough to notice that all is well again. */
const RETRY_AFTER_S = 1;

/** A response to who may not go on, for any framework. */
export type Refusal = {
  /** 429; 503 when the limit cannot be asked; 400 for a subject that cannot be limited, 500 for any other mistake. */
  readonly status: 400 | 429 | 500 | 503;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Problem details (RFC 9457), as draft-ietf-httpapi-ratelimit-headers-10 has them. */
  readonly body: string;
};

/** What to answer to who may not go on. */
export function refusalOf(why: Verdict | LimitError): Refusal {
  if (!(why instanceof LimitError)) {
    return refusal(429, why.headers, {
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Request cannot be satisfied as assigned quota has been exceeded",
      "violated-policies": why.rules.filter((rule) => rule.refuses).map((rule) => `${why.policy}.${rule.name}`),
    });
  }
  if (why.reason === "unavailable") {
    return refusal(503, [["Retry-After", String(Math.max(1, why.retryAfterS ?? RETRY_AFTER_S))]], {
      type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
      title: "Request cannot be satisfied due to temporary server capacity constraints",
    });
  }
  // What a request is limited by may be of its own making; the rest is ours.
  if (why.reason === "subject") return refusal(400, [], { type: "about:blank", title: "Bad Request" });
  return refusal(500, [], { type: "about:blank", title: "Internal Server Error" });
}

function refusal(status: Refusal["status"], headers: Refusal["headers"], problem: object): Refusal {
  const kind = ["Content-Type", "application/problem+json"] as const;
  return { status, headers: [...headers, kind, ["Cache-Control", "no-store"]], body: JSON.stringify({ ...problem, status }) };
}
