// How is a request to Express limited, or to anything else on Node's http?

import { admit, type LimitOptions } from "./gate.ts";
import type { Limiter } from "./limiter.ts";
import type { Verdict } from "./verdict.ts";

/** As much of a response as is needed; Node's, and so Express's, is one. */
export type ResponseLike = {
  statusCode: number;
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  appendHeader(name: string, value: string): unknown;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
  once(event: "close", listener: () => void): unknown;
};

/** A request that has passed. */
export type Limited = { rateLimit?: Verdict };

/**
 * Limits what comes behind it: 429 with the service's headers and problem
 * details to who has had too much, the headers on every other response, and
 * the verdict as `request.rateLimit`. What is reserved is settled when the
 * response is complete, or its connection broken.
 */
export function limit<Request extends object, Response extends ResponseLike = ResponseLike>(
  limiter: Limiter,
  options: LimitOptions<Request>,
): (request: Request, response: Response, next: (error?: unknown) => void) => Promise<void> {
  return async (request, response, next) => {
    try {
      const admitted = await admit(limiter, options, request);
      if ("status" in admitted) {
        response.statusCode = admitted.status;
        for (const [name, value] of admitted.headers) response.setHeader(name, value);
        return void response.end(admitted.body);
      }
      const { verdict, settle } = admitted;
      // Lists: what another limit told stands beside it.
      for (const [name, value] of verdict?.headers ?? []) response.appendHeader(name, value);
      if (verdict) (request as Limited).rateLimit = verdict;
      // Who has left meanwhile is not served, and so not charged.
      if (response.destroyed) return await settle(false);
      response.once("close", () => void settle(response.writableFinished && response.statusCode < 500));
    } catch (error) {
      return next(error);
    }
    next();
  };
}
