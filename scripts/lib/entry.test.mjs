// Run by scripts/test.mjs, with node:test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withPlainEntry } from "./entry.mjs";

/** What a bundle exports, entered as the runtime enters it. */
function entered() {
  const bundle = withPlainEntry(BUNDLE)
    .replace(/^import.*?;/, "class DurableObject{}")
    .replace("export{TenantObject,P as default}", "return{TenantObject,DurableObject,entry:P}");
  return new Function(bundle)();
}

const BUNDLE = "class B{constructor(c,e){this.c=[c,e]}ask(b){return[...this.c,b]}webSocketMessage(s,m){return[...this.c,s,m]}}class C{}C.prototype.fetch=function(q){return[q,this.env,this.ctx]};var j={},A=new Proxy(B,j),P=new Proxy(C,j);export{A as TenantObject,P as default};";

test("the runtime calls functions of a plain object, with what the class would have held", () => {
  const { entry } = entered();
  assert.equal(Object.getPrototypeOf(entry), Object.prototype);
  assert.deepEqual(entry.fetch("request", "env", "context"), ["request", "env", "context"]);
});

test("an object can be called, and whoever calls reaches what is behind the Proxy", () => {
  const { TenantObject, DurableObject } = entered();
  const object = new TenantObject("context", "env");
  assert.equal(object instanceof DurableObject, true);
  assert.deepEqual(object.ask("envelope"), ["context", "env", "envelope"]);
  assert.deepEqual(object.webSocketMessage("socket", "message"), ["context", "env", "socket", "message"]);
});

test("a bundle entered otherwise stops the build", () => {
  assert.throws(() => withPlainEntry("export{x as default};"), /worker-build/);
});
