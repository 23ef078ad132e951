import assert from "node:assert/strict";
import { test } from "node:test";
import { document, type Field, parseDuration, patch, read, Unreadable } from "../src/lib/fields.ts";
import { bytes, device, duration, relative } from "../src/lib/format.ts";
import { lineOf } from "../src/lib/place.ts";
import { Slots } from "../src/lib/rates.ts";
import { match, to } from "../src/lib/route.ts";

test("lengths of time are told in two units, and read back", () => {
  for (const [ms, text] of [[0, "0 ms"], [900, "900 ms"], [5_000, "5 s"], [90_000, "1 min 30 s"], [1_209_600_000, "14 d"], [7_500_000, "2 h 5 min"]] as const) {
    assert.equal(duration(ms), text);
    assert.equal(parseDuration(text), ms);
  }
  for (const text of ["", "5", "five minutes", "5 min or so", "5 years"]) assert.equal(parseDuration(text), undefined, text);
});

test("instants are told as people say them", () => {
  assert.equal(relative(1_000, 2_000), "just now");
  assert.equal(relative(0, 3 * 60_000), "3 min ago");
  assert.equal(relative(2 * 3_600_000, 0), "in 2 h");
  assert.equal(bytes(73_728), "74 kB");
});

test("devices are told by name", () => {
  const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36";
  assert.equal(device(chrome), "Chrome on Linux");
  assert.equal(device("curl/8.5.0"), "curl");
  assert.equal(device(null), "Unknown device");
});

test("a route names parts that are decoded, and only its own addresses", () => {
  assert.deepEqual(match("/admin/actors/:kind/:name", "/admin/actors/session/tnt_1%2Fses_2"), { kind: "session", name: "tnt_1/ses_2" });
  assert.equal(match("/admin/keys", "/admin/keys/1"), undefined);
  assert.deepEqual(match("/admin/tenants/:slug", "/admin/tenants/%"), { slug: "%" });
  assert.equal(to("actors", "bucket", "a/b"), "/admin/actors/bucket/a%2Fb");
});

const FIELDS: Field[] = [
  { name: "name", label: "Name", isRequired: true },
  { name: "uris", label: "Addresses", kind: "lines" },
  { name: "idle_ms", label: "Idle", kind: "duration" },
  { name: "open", label: "Open", kind: "yes" },
  { name: "grants", label: "Grants", kind: "words", options: ["a", "b"] },
];

test("a form says a document, without what was left empty", () => {
  const values = { name: " Acme ", uris: "https://a\n  https://b", idle_ms: "30 min", open: "true", grants: "a" };
  assert.deepEqual(document(FIELDS, values), { name: "Acme", uris: ["https://a", "https://b"], idle_ms: 1_800_000, open: true, grants: ["a"] });
  assert.throws(() => read(FIELDS[0]!, "  "), Unreadable);
  assert.throws(() => read(FIELDS[2]!, "soon"), Unreadable);
});

test("a form changes what was changed, and takes away what was emptied", () => {
  const before = { name: "Acme", uris: ["https://a"], idle_ms: 1_800_000, open: false };
  const values = { name: "Acme", uris: "https://a", idle_ms: "", open: "false", grants: "" };
  assert.deepEqual(patch(FIELDS, values, before), { idle_ms: null });
  assert.deepEqual(patch(FIELDS, { ...values, idle_ms: "30 min", open: "true" }, before), { open: true });
});

test("a member is found at its line", () => {
  const text = JSON.stringify({ name: "rules", rules: [{ name: "a", burst: 1 }, { name: "b}", burst: 0, window: { length_ms: 1 } }], overrides: [] }, null, 2);
  const line = (member: string) => text.split("\n")[lineOf(text, member)! - 1]!.trim();
  assert.equal(line("rules[1].burst"), '"burst": 0,');
  assert.equal(line("rules[1].window.length_ms"), '"length_ms": 1');
  assert.equal(line("rules"), '"rules": [');
  assert.equal(line("overrides"), '"overrides": []');
  assert.equal(line("rules[1].period_ms"), "{", "what is missing is missing from its object");
  assert.equal(lineOf(text, "lease"), undefined);
});

test("counts stand in their slots, and old ones are forgotten", () => {
  const slots = new Slots(1_000, 3);
  slots.add(500, "x");
  slots.add(2_500, "x", 2);
  slots.add(2_900, "y");
  assert.deepEqual(slots.until(2_999, "x").map(({ value }) => value), [1, 0, 2]);
  assert.equal(slots.sum(3_000, "x"), 2);
  assert.equal(slots.sum(9_000, "x"), 0);
});
