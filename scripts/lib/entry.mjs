// How the runtime enters the Worker: by a plain object.
//
// worker-build exports a class of its own behind a Proxy, of which the runtime
// makes one for every request. Ours holds nothing between two, so the methods
// do without it. The Durable Objects keep theirs: it makes an object anew when
// the Wasm had to be started anew.

const EXPORTED = /([\w$]+) as default\b/;
const ARGUMENTS = "q,e,c";

/** The bundle with `fetch` and `scheduled` as functions of a plain object. */
export function withPlainEntry(bundle) {
  const name = EXPORTED.exec(bundle)?.[1];
  const made = [...bundle.matchAll(/([\w$]+)=new Proxy\(([\w$]+),[\w$]+\)/g)];
  const entry = made.find(([, known]) => known === name);
  if (!entry) throw new Error("worker-build's bundle is not entered as it was: see scripts/lib/entry.mjs");
  const [proxy, , ours] = entry;
  const methods = ["fetch", "scheduled"].map(
    (method) => `${method}:(${ARGUMENTS})=>${ours}.prototype.${method}.call({env:e,ctx:c},q)`,
  );
  return bundle.replace(proxy, () => `${name}={${methods.join(",")}}`);
}
