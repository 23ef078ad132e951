// How is the service asked?

import { Access, Fault } from "../../src/access.ts";
import { member, object, type Members } from "../../src/json.ts";
import { LimitError, unavailable } from "./error.ts";

/** Characters of a problem's sentence that are passed on. */
const DETAIL_CHARS_MAX = 256;
/** Statuses below 500 that no better question would change. */
const TRANSIENT = [401, 403, 408, 429];

/** Asks the service, in time. */
export class Caller {
  readonly access: Access;
  readonly #deadlineMs: number;

  constructor(access: Access, deadlineMs: number) {
    this.access = access;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Asks once, or twice when the first answer was lost and `isRepeatable`,
   * within the deadline altogether.
   *
   * @throws {LimitError}
   */
  async call(verb: string, question: object, isRepeatable: boolean): Promise<Members> {
    const body = JSON.stringify(question);
    const deadline = new AbortController();
    const over = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      deadline.abort();
      over.reject(unavailable("the limit cannot be asked: the tenant did not answer in time"));
    }, this.#deadlineMs);
    try {
      return await Promise.race([over.promise, this.#asked(verb, body, isRepeatable, deadline.signal)]);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      throw new LimitError("unavailable", `the limit cannot be asked: ${error.message}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #asked(verb: string, body: string, isRepeatable: boolean, signal: AbortSignal): Promise<Members> {
    const ask = async (bearer: string) => {
      const headers = { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" };
      const exchange = () => this.access.ask(`${this.access.issuer}/v1/ratelimit/${verb}`, { method: "POST", headers, body, signal });
      return exchange().catch((fault: unknown) => {
        if (!isRepeatable || signal.aborted) throw fault;
        return exchange();
      });
    };
    const token = await this.access.token();
    let answer = await ask(token.text);
    // What is refused for its token was not charged.
    if (answer.response.status === 401) answer = await ask((await this.access.token(token)).text);
    return granted(answer.response, answer.body);
  }
}

/** Sorts answers: what only a better question would change is a mistake, all else that is no success a service that cannot be asked. */
function granted({ status, headers }: Response, body: string): Members {
  if (status === 200) {
    const members = object(body);
    if (!members) throw unusable();
    return members;
  }
  if (status >= 400 && status < 500 && !TRANSIENT.includes(status)) throw mistake(status, body);
  const seconds = headers.get("Retry-After") ?? "";
  throw unavailable(`the limit cannot be asked: status ${status}`, /^\d{1,9}$/.test(seconds) ? Number(seconds) : undefined);
}

/** The answer has no verdict that can be used. */
export function unusable(): LimitError {
  return unavailable("the limit cannot be asked: its answer cannot be used");
}

/** What a problem (RFC 9457) says, without what would upset a log. */
function mistake(status: number, body: string): LimitError {
  const members = object(body) ?? {};
  const said = (name: string) => {
    const value = member(members, name);
    return typeof value === "string" ? value.replace(/\p{Cc}/gu, "").slice(0, DETAIL_CHARS_MAX) : "";
  };
  const problem = said("type").split(/[/#:]/).at(-1);
  return new LimitError("mistake", `the limit cannot be asked like this: ${status} ${problem}: ${said("detail")}`);
}
