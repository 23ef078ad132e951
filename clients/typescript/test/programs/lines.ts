// A verifier for a test elsewhere: a line in, a line out. On Node, Deno and Bun.

import process from "node:process";
import { createInterface } from "node:readline";
import { answer, verifierOf } from "./asked.ts";

const verifier = verifierOf(process.env);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await answer(verifier, line)}\n`);
}
verifier.close();
