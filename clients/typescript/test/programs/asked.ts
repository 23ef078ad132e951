// A verifier that is set up by a few texts and asked by a line, whatever it runs on.

import { Verifier, VerifyError, type Policy } from "../../src/index.ts";

/** The names are those of environment variables: `ISSUER`, `AUDIENCE`, … */
export function verifierOf(settings: Record<string, string | undefined>): Verifier {
  const text = (name: string) => settings[name] ?? "";
  const { CONNECT: connect, MAX_STALENESS_MS: maxStalenessMs } = settings;
  return new Verifier({
    issuer: text("ISSUER"),
    audience: text("AUDIENCE"),
    clientId: text("CLIENT_ID"),
    clientSecret: text("CLIENT_SECRET"),
    whenUncertain: text("WHEN_UNCERTAIN") as Policy,
    limits: { maxStalenessMs: maxStalenessMs === undefined ? undefined : Number(maxStalenessMs) },
    ...(connect === undefined ? {} : { connect }),
  });
}

/** Answers `verify TOKEN`, `live`, `sync` or `health` in one line. */
export async function answer(verifier: Verifier, line: string): Promise<string> {
  const [verb, token = ""] = line.split(" ");
  switch (verb) {
    case "verify":
      return verifier.verify(token).then(({ basis }) => basis, refusal);
    case "live":
      return verifier.live().then(() => "live", () => "stopped");
    case "sync":
      return verifier.sync().then(() => "synced", () => "not synced");
    case "health": {
      const { isCertain, isLive, entries } = verifier.health;
      return JSON.stringify({ isCertain, isLive, entries });
    }
    default:
      throw new Error(`nobody knows how to ${verb}`);
  }
}

function refusal(error: unknown): string {
  if (error instanceof VerifyError) return `${error.refusal} ${error.status}`;
  throw error;
}
