// Makes keys.json, tokens.json and sets.json: see README.md.

import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";

const ORIGIN_S = 1_800_000_000;
const ISSUER = "https://acme.example";
const AUDIENCE = "https://api.acme.example";

const keys = {
  ed: make("ed25519", undefined, "EdDSA"),
  ec: make("ec", { namedCurve: "P-256" }, "ES256"),
  rsa: make("rsa", { modulusLength: 2048 }, "RS256"),
  weak: make("rsa", { modulusLength: 1024 }, "RS256"),
  enc: make("ed25519", undefined, "EdDSA"),
  stranger: make("ed25519", undefined, "EdDSA"),
};

const secret = Buffer.alloc(32, 7);
const published = [
  { kty: "oct", k: secret.toString("base64url"), kid: "oct", alg: "HS256", use: "sig" },
  { kty: "EC", crv: "P-521", kid: "curve", x: "AA", y: "AA" },
  { kty: "PQ", kid: "future" },
  ...["ed", "ec", "rsa", "weak"].map((kid) => ({ ...jwk(kid), alg: keys[kid].alg, use: "sig" })),
  { ...jwk("enc"), use: "enc" },
];
write("keys.json", { keys: published });

const seconds = (value) => ORIGIN_S + value;
const access = {
  iss: ISSUER,
  sub: "usr_0alice",
  aud: AUDIENCE,
  client_id: "app",
  scope: "orders.read orders.write",
  iat: seconds(-10),
  exp: seconds(290),
  jti: "gra_1.t1",
  sid: "ses_1",
};
const token = (claims, header, key) => jws({ typ: "at+jwt", ...header }, { ...access, ...claims }, key);
const none = `${part({ alg: "none", typ: "at+jwt", kid: "ed" })}.${part(access)}.`;
const good = token();
const [head, body, tail] = good.split(".");
const public_pem = keys.rsa.publicKey.export({ type: "spki", format: "pem" });

write("tokens.json", {
  origin_ms: ORIGIN_S * 1_000,
  issuer: ISSUER,
  audience: AUDIENCE,
  leeway_s: 5,
  tokens: [
    ["EdDSA", good, "good"],
    ["ES256", token({}, {}, "ec"), "good"],
    ["RS256", token({}, {}, "rsa"), "good"],
    ["a full media type", token({}, { typ: "application/AT+JWT" }), "good"],
    ["one of several audiences", token({ aud: ["https://other.example", AUDIENCE] }), "good"],
    ["a client's own", token({ sub: "feed", client_id: "feed", sid: undefined, scope: undefined, jti: "t2" }), "good"],
    ["expired within the leeway", token({ exp: seconds(-4) }), "good"],
    ["an instant spelled with a fraction of zero", spelled(JSON.stringify(access).replace(/"exp":\d+/, "$&.0")), "good"],
    ["alg none", none, "algorithm"],
    ["alg none, signed", token({}, { alg: "none" }), "algorithm"],
    ["HS256 with a published secret", hmac(secret, "oct"), "algorithm"],
    ["HS256 with the public key as secret", hmac(public_pem, "rsa"), "algorithm"],
    ["PS256", token({}, { alg: "PS256" }, "rsa"), "algorithm"],
    ["no alg", token({}, { alg: undefined }), "algorithm"],
    ["an ID token", token({}, { typ: "JWT" }), "type"],
    ["a security event token", token({}, { typ: "secevent+jwt" }), "type"],
    ["no type", token({}, { typ: undefined }), "type"],
    ["a critical header", token({}, { crit: ["exp"] }), "critical"],
    ["an unencoded payload", token({}, { b64: false }), "critical"],
    ["no kid", token({}, { kid: undefined }), "unknown_key"],
    ["an unknown kid", token({}, { kid: "gone" }), "unknown_key"],
    ["the kid of a key for another algorithm", token({}, { kid: "rsa" }), "unknown_key"],
    ["the kid of a key for encryption", token({}, {}, "enc"), "unknown_key"],
    ["a stranger's signature", token({}, { kid: "ed" }, "stranger"), "signature"],
    ["an RSA key of 1024 bits", token({}, {}, "weak"), "signature"],
    ["no signature", `${head}.${body}.`, "signature"],
    ["another's claims", `${head}.${token({ sub: "usr_0mallory" }).split(".")[1]}.${tail}`, "signature"],
    ["another's issuer", token({ iss: "https://evil.example" }), "issuer"],
    ["an issuer with a slash", token({ iss: `${ISSUER}/` }), "issuer"],
    ["no issuer", token({ iss: undefined }), "issuer"],
    ["another's audience", token({ aud: "https://other.example" }), "audience"],
    ["no audience", token({ aud: undefined }), "audience"],
    ["an empty list of audiences", token({ aud: [] }), "audience"],
    ["expired", token({ exp: seconds(-5) }), "expired"],
    ["issued in the future", token({ iat: seconds(6) }), "not_yet"],
    ["not good before later", token({ nbf: seconds(6) }), "not_yet"],
    ["no expiry", token({ exp: undefined }), "claim"],
    ["no instant of issue", token({ iat: undefined }), "claim"],
    ["an expiry that is a text", token({ exp: String(seconds(290)) }), "claim"],
    ["an expiry with a fraction", token({ exp: seconds(290) + 0.5 }), "claim"],
    ["no jti", token({ jti: undefined }), "claim"],
    ["no subject", token({ sub: undefined }), "claim"],
    ["no client", token({ client_id: undefined }), "claim"],
    ["a session that is a number", token({ sid: 1 }), "claim"],
    ["a scope that is a list", token({ scope: ["orders.read"] }), "claim"],
    ["claims that are a list", spelled("[]"), "malformed"],
    ["nothing", "", "malformed"],
    ["two parts", `${head}.${body}`, "malformed"],
    ["four parts", `${good}.${tail}`, "malformed"],
    ["letters outside the alphabet", `${head}.${body}.*`, "malformed"],
    ["a giant", `${head}.${"a".repeat(16_384)}.${tail}`, "malformed"],
  ].map(([about, text, expect]) => ({ about, token: text, expect })),
});

const revoked = (kind, members) => ({ kind, reason: "administrator", at: ORIGIN_S, exp: seconds(400), ...members });
const base = { iss: ISSUER, aud: AUDIENCE, iat: ORIGIN_S, jti: "evt_1", txn: "txn_1" };
const set = (event, claims, header, key) =>
  jws({ typ: "secevent+jwt", ...header }, { ...base, events: { "urn:aero2:event:revoked": event }, ...claims }, key);
const session = revoked("sessions", { sub: "usr_0alice", sids: ["ses_1"] });

write("sets.json", {
  issuer: ISSUER,
  audience: AUDIENCE,
  sets: Object.fromEntries(
    Object.entries({
      session: [set(session), "good"],
      session_again: [set(session, { jti: "evt_1b" }), "good"],
      sessions: [set(revoked("sessions", { sub: "usr_0alice", sids: ["ses_1", "ses_2"] }), { jti: "evt_2" }), "good"],
      session_es256: [set(session, {}, {}, "ec"), "good"],
      session_rs256: [set(session, {}, {}, "rsa"), "good"],
      session_3: [set(revoked("sessions", { sub: "usr_0bob", sids: ["ses_3"], exp: seconds(100) }), { jti: "evt_3" }), "good"],
      grant: [set(revoked("grant", { sub: "usr_0alice", sid: "ses_1", client_id: "app", grant: "gra_1" })), "good"],
      token: [set(revoked("token", { sub: "usr_0alice", sid: "ses_1", client_id: "app", jti: "gra_1.t1" })), "good"],
      consent: [set(revoked("consent", { sub: "usr_0alice", client_id: "app", not_before: ORIGIN_S })), "good"],
      client: [set(revoked("client", { client_id: "app", not_before: ORIGIN_S })), "good"],
      tenant: [set(revoked("tenant", { not_before: ORIGIN_S })), "good"],
      unknown_kind: [set(revoked("planet", { planet: "earth", exp: seconds(300) })), "good"],
      unknown_members: [set({ ...session, mood: "calm" }, { mood: { calm: true } }), "good"],
      bad_signature: [set(session, {}, { kid: "ed" }, "stranger"), "signature"],
      wrong_audience: [set(session, { aud: "https://other.example" }), "audience"],
      wrong_issuer: [set(session, { iss: "https://evil.example" }), "issuer"],
      access_token: [good, "type"],
      alg_none: [none.replace(part({ alg: "none", typ: "at+jwt", kid: "ed" }), part({ alg: "none", typ: "secevent+jwt", kid: "ed" })), "algorithm"],
      no_jti: [set(session, { jti: undefined }), "claim"],
      no_event: [set(session, { events: {} }), "claim"],
      other_event: [set(session, { events: { "urn:aero2:event:other": session } }), "claim"],
      no_sessions: [set(revoked("sessions", { sids: [] })), "claim"],
      too_many_sessions: [set(revoked("sessions", { sids: Array.from({ length: 101 }, (_, at) => `ses_${at}`) })), "claim"],
      no_expiry: [set({ ...session, exp: undefined }), "claim"],
      no_not_before: [set(revoked("tenant", {})), "claim"],
    }).map(([name, [text, expect]]) => [name, { set: text, expect }]),
  ),
});

function make(type, options, alg) {
  return { ...generateKeyPairSync(type, options), alg };
}

function jwk(kid) {
  return { ...keys[kid].publicKey.export({ format: "jwk" }), kid };
}

function part(value) {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

function spelled(payload) {
  return signed(`${part({ alg: "EdDSA", typ: "at+jwt", kid: "ed" })}.${part(payload)}`, "ed");
}

function jws(header, claims, kid = "ed") {
  return signed(`${part({ alg: keys[kid].alg, kid, ...header })}.${part(claims)}`, kid);
}

function signed(input, kid) {
  const { privateKey, alg } = keys[kid];
  const hash = alg === "EdDSA" ? null : "sha256";
  return `${input}.${sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

function hmac(key, kid) {
  const input = `${part({ alg: "HS256", typ: "at+jwt", kid })}.${part(access)}`;
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
}

function write(name, value) {
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(value, null, 2)}\n`);
}
