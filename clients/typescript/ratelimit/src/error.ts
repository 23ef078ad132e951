// Why is there no verdict?

/** There is no verdict. The message carries neither secret nor token. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  /**
   * `unavailable`: the limit cannot be asked. `subject`: nobody of this name
   * can be limited. `mistake`: the question is wrong in another way, and will
   * be however often it is asked.
   */
  readonly reason: "unavailable" | "subject" | "mistake";
  /** When to come back, if the service said so. */
  readonly retryAfterS: number | undefined;

  constructor(reason: LimitError["reason"], message: string, { cause, retryAfterS }: { cause?: unknown; retryAfterS?: number | undefined } = {}) {
    super(message, { cause });
    this.reason = reason;
    this.retryAfterS = retryAfterS;
  }
}

export function unavailable(message: string, retryAfterS?: number): LimitError {
  return new LimitError("unavailable", message, { retryAfterS });
}
