// How is a request to Hono limited?

import { admit, type LimitOptions } from "./gate.ts";
import type { Limiter } from "./limiter.ts";
import type { Verdict } from "./verdict.ts";

/** As much of a context as is needed; Hono's is one. */
export type ContextLike = {
  readonly req: { readonly raw: Request; readonly path: string; header(name: string): string | undefined };
  get(key: string): unknown;
  readonly res: { readonly status: number };
  readonly executionCtx: { waitUntil(promise: Promise<unknown>): void };
  header(name: string, value: string, options: { append: boolean }): void;
  set(key: "rateLimit", value: Verdict): void;
};

/** What is set on the context of a request that has passed: `new Hono<{ Variables: Limited }>()`. */
export type Limited = { rateLimit: Verdict };

/**
 * Limits what comes behind it: 429 with the service's headers and problem
 * details to who has had too much, the headers on every other response, and
 * the verdict as `c.get("rateLimit")`. What is reserved is settled when the
 * response begins, without making it wait.
 */
export function limit<Context extends ContextLike>(
  limiter: Limiter,
  options: LimitOptions<Context>,
): (context: Context, next: () => Promise<void>) => Promise<Response | void> {
  return async (context, next) => {
    const admitted = await admit(limiter, options, context);
    if ("status" in admitted) {
      const { status, headers, body } = admitted;
      return new Response(body, { status, headers: headers.map(([name, value]) => [name, value] as [string, string]) });
    }
    const { verdict, settle } = admitted;
    if (verdict) context.set("rateLimit", verdict);
    let isDone = false;
    try {
      await next();
      isDone = context.res.status < 500;
    } finally {
      keepAlive(context, settle(isDone));
    }
    // Lists: what another limit told stands beside it.
    for (const [name, value] of verdict?.headers ?? []) context.header(name, value, { append: true });
  };
}

/** Where a request's work ends with its response (Cloudflare Workers), it is asked to wait. */
function keepAlive(context: ContextLike, work: Promise<void>): void {
  let here: ContextLike["executionCtx"];
  try {
    here = context.executionCtx;
  } catch {
    // Elsewhere Hono throws: nothing ends there.
    return;
  }
  here.waitUntil(work);
}
