// How the runtime enters the Worker: by plain functions and classes.
//
// worker-build exports a class of its own behind a Proxy, of which the runtime
// makes one for every request. Ours holds nothing between two, so the methods
// do without it.
//
// A Durable Object keeps the Proxy, which makes it anew when the Wasm had to be
// started anew, but is entered by a class the runtime knows as one of its own:
// only such a class can be called, rather than sent a request, and a call takes
// a third less.

const EXPORTED = /([\w$]+) as default\b/;
const OBJECTS = /([\w$]+) as (\w+Object)\b/g;
const ARGUMENTS = "q,e,c";

/** What is called in an object, with its arguments: `ask` by ours, the others by the runtime. */
const METHODS = { ask: "b", fetch: "q", alarm: "", webSocketMessage: "s,m", webSocketClose: "s", webSocketError: "s" };

/** The bundle with `fetch`, `scheduled` and `queue` as functions of a plain object, and with objects that can be called. */
export function withPlainEntry(bundle) {
  const name = EXPORTED.exec(bundle)?.[1];
  const made = [...bundle.matchAll(/([\w$]+)=new Proxy\(([\w$]+),[\w$]+\)/g)];
  const entry = made.find(([, known]) => known === name);
  if (!entry) throw new Error("worker-build's bundle is not entered as it was: see scripts/lib/entry.mjs");
  const [proxy, , ours] = entry;
  const methods = ["fetch", "scheduled", "queue"].map(
    (method) => `${method}:(${ARGUMENTS})=>${ours}.prototype.${method}.call({env:e,ctx:c},q)`,
  );
  const plain = bundle.replace(proxy, () => `${name}={${methods.join(",")}}`);
  const objects = [...plain.matchAll(OBJECTS)].map(([, known, exported]) => ({ known, exported }));
  const classes = objects.map(({ known, exported }) => `class ${exported} extends DurableObject{${members(known)}}`);
  const at = plain.lastIndexOf("export{");
  const exports = plain.slice(at).replace(OBJECTS, (_, __, exported) => exported);
  return `import{DurableObject}from"cloudflare:workers";${plain.slice(0, at)}${classes.join("")}${exports}`;
}

/** A class's own: the object behind the Proxy, and the way to it. */
function members(proxy) {
  const calls = Object.entries(METHODS).map(([method, args]) => `${method}(${args}){return this.#o.${method}(${args})}`);
  return `#o;constructor(c,e){super(c,e);this.#o=new ${proxy}(c,e)}${calls.join("")}`;
}
