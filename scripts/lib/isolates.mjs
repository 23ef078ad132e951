// Two isolates over the same objects, as Cloudflare runs many: what one remembers, the other does not know. A
// wrangler-shaped configuration has one Worker, so this one is workerd's own (node_modules/workerd/workerd.capnp).

import { join } from "node:path";

/** Whoever asks says here which of them it means. */
const FRONT = `export default {
  fetch: (request, env) => (request.headers.get("x-isolate") === "far" ? env.FAR : env.NEAR).fetch(request),
};`;

/** The configuration of a Worker, as workerd's own: `near` has its objects, `far` asks for the same ones. */
export function pair({ main, vars, assets, durable_objects: { bindings }, compatibility_date: date }) {
  const modules = ["index.js", "index_bg.wasm"].map((name) => {
    const kind = name.endsWith(".js") ? "esModule" : "wasm";
    return `(name = ${text(name)}, ${kind} = embed ${text(join(main, "..", name))})`;
  });
  const objects = bindings.map(({ class_name: name }) => `(className = ${text(name)}, uniqueKey = ${text(name)}, enableSql = true)`);
  const files = `(name = ${text(assets.binding)}, service = (name = "files", entrypoint = "AssetWorker"))`;
  const settings = Object.entries(vars).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  const worker = (namespaces, service) => {
    const asked = bindings.map(
      ({ name, class_name: of }) => `(name = ${text(name)}, durableObjectNamespace = (className = ${text(of)}${service}))`,
    );
    return `(compatibilityDate = ${text(date)}, modules = ${list(modules)}, bindings = ${list([...asked, files, ...settings])}${namespaces})`;
  };
  const near = worker(`, durableObjectNamespaces = ${list(objects)}, durableObjectStorage = (localDisk = "disk")`, "");
  const far = worker("", ', serviceName = "near"');
  const front = `(compatibilityDate = ${text(date)}, modules = [(name = "front.js", esModule = ${text(FRONT)})],
    bindings = [(name = "NEAR", service = "near"), (name = "FAR", service = "far")])`;
  return `using Workerd = import "/workerd/workerd.capnp";
const near :Workerd.Worker = ${near};
const far :Workerd.Worker = ${far};
const front :Workerd.Worker = ${front};
const config :Workerd.Config = (
  services = [(name = "front", worker = .front), (name = "near", worker = .near), (name = "far", worker = .far),
    (name = "files", assets = (path = ${text(assets.directory)}, config = ${text(text(assets))}, compatibilityDate = ${text(date)})),
    (name = "disk", disk = (path = "objects", writable = true))],
  sockets = [(name = "http", http = (), service = "front")],
);
`;
}

const text = JSON.stringify;
const list = (items) => `[${items.join(", ")}]`;
