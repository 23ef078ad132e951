// Run by scripts/test.mjs, with node:test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withPlainEntry } from "./entry.mjs";

const BUNDLE = "class C{}C.prototype.fetch=function(q){return[q,this.env,this.ctx]};var j={},A=new Proxy(B,j),P=new Proxy(C,j);export{A as TenantObject,P as default};";

test("the runtime calls functions of a plain object, with what the class would have held", () => {
  const bundle = withPlainEntry(BUNDLE).replace("class C", "class B{}class C").replace(/export\{.*/, "return P;");
  const entry = new Function(bundle)();
  assert.equal(Object.getPrototypeOf(entry), Object.prototype);
  assert.deepEqual(entry.fetch("request", "env", "context"), ["request", "env", "context"]);
});

test("the objects keep their class", () => {
  assert.match(withPlainEntry(BUNDLE), /A=new Proxy\(B,j\)/);
});

test("a bundle entered otherwise stops the build", () => {
  assert.throws(() => withPlainEntry("export{x as default};"), /worker-build/);
});
