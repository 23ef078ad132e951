// A verifier for a test elsewhere, in a Durable Object on workerd: a request in, a line out.

import type { Verifier } from "../../src/index.ts";
import { answer, verifierOf } from "./asked.ts";

type Settings = Record<string, string>;
type Stub = { fetch(request: Request): Promise<Response> };
type Env = { ASKED: { idFromName(name: string): unknown; get(id: unknown): Stub }; SETTINGS: Settings };

/** Objects keep their sockets between requests. */
export class Asked {
  readonly #verifier: Verifier;

  constructor(_state: unknown, { SETTINGS }: Env) {
    this.#verifier = verifierOf(SETTINGS);
  }

  async fetch(request: Request): Promise<Response> {
    return new Response(await answer(this.#verifier, await request.text()));
  }
}

export default {
  fetch: (request: Request, { ASKED }: Env) => ASKED.get(ASKED.idFromName("asked")).fetch(request),
};
