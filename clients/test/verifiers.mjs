// Where does a verifier run? Each way takes settings, and answers how to ask it by a line and how to end it.

import { build } from "esbuild";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { nativeEnv } from "../../scripts/lib/native.mjs";
import { clientEnv, local, npmBin, root } from "../../scripts/lib/places.mjs";
import { must } from "../../scripts/lib/process.mjs";
import { leash } from "../../scripts/lib/workerd.mjs";

const programs = join(root, "clients", "typescript", "test", "programs");
const lines = join(programs, "lines.ts");

const env = clientEnv(nativeEnv());

export const ways = {
  rust: byLines(join(env.CARGO_TARGET_DIR, "debug", "examples", "lines"), []),
  node: byLines(npmBin("node"), [lines]),
  workerd: onWorkerd,
};

/** Builds what is not there yet. */
export async function prepare() {
  await must("cargo", ["build", "--locked", "--manifest-path", join(root, "clients", "rust", "Cargo.toml"), "--example", "lines"], { env });
}

/** Another runtime of TypeScript, by its command: `VERIFIER="deno run --allow-all"`. */
if (process.env.VERIFIER) {
  const [program, ...args] = process.env.VERIFIER.split(" ");
  ways[process.env.VERIFIER] = byLines(program, [...args, lines]);
}

function byLines(program, args) {
  return (settings) => {
    const child = spawn(program, args, { env: { ...process.env, ...settings }, stdio: ["pipe", "pipe", "inherit"] });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (line) => {
      child.stdin.write(`${line}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`${program} has ended instead of answering`);
      return value;
    };
    return { ask, end: () => child.kill() };
  };
}

/** In a Durable Object, whose own requests go to the tenant whatever its name resolves to. */
async function onWorkerd({ CONNECT, ...settings }) {
  const folder = mkdtempSync(join(local, "verifier-"));
  const bundled = { bundle: true, format: "esm", target: "es2024", external: ["node:*", "ws"], logLevel: "error" };
  await build({ ...bundled, entryPoints: [join(programs, "object.ts")], outfile: join(folder, "worker.js") });
  writeFileSync(join(folder, "config.capnp"), configuration(CONNECT, settings));
  const [program, ...args] = [...leash(), npmBin("workerd"), "serve", "--control-fd=3", "config.capnp"];
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "inherit", "inherit", "pipe"] });
  for await (const line of createInterface({ input: child.stdio[3] })) {
    const { event, port } = JSON.parse(line);
    if (event !== "listen") continue;
    return {
      ask: async (body) => {
        const answered = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
        if (!answered.ok) throw new Error(`the object answers ${answered.status}`);
        return answered.text();
      },
      end: () => {
        child.kill();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  }
  throw new Error("workerd does not serve the verifier");
}

function configuration(tenant, settings) {
  const { compatibility_date: date } = JSON.parse(readFileSync(join(root, "wrangler.json"), "utf8"));
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = ${JSON.stringify(date)},
      bindings = [
        (name = "SETTINGS", json = ${JSON.stringify(JSON.stringify(settings))}),
        (name = "ASKED", durableObjectNamespace = "Asked"),
      ],
      durableObjectNamespaces = [(className = "Asked", uniqueKey = "asked")],
      durableObjectStorage = (inMemory = void),
      globalOutbound = "tenant",
    )),
    (name = "tenant", external = (address = ${JSON.stringify(tenant)}, http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}
