// The runtime's side of the crossings a request makes between it and Wasm.
//
// A crossing costs as much as a small piece of work, a Rust closure that waits
// for a promise several: each of these does in one what would take many.

/** Wasm's ear for what was awaited, and the answers it still owes. */
let hear;
let owed = new Map();

/** Called by every Wasm instance when it first waits; one before it never answers. */
export function connect(ear) {
  for (const { reject } of owed.values()) reject(new Error("the isolate started anew"));
  owed = new Map();
  hear = ear;
}

/** Tells Wasm, under `ticket`, what becomes of `promise`. */
export function wait(promise, ticket) {
  const tell = hear; // of the instance that asks
  promise.then((value) => tell(ticket, true, value), (error) => tell(ticket, false, error));
}

/** Tells Wasm that it is its turn again, once whoever runs now has finished. */
export function soon(ticket) {
  const tell = hear;
  queueMicrotask(() => tell(ticket, true));
}

/** The promise of an answer that Wasm gives later. */
export function owe(ticket) {
  return new Promise((resolve, reject) => owed.set(ticket, { resolve, reject }));
}

/** Gives it. */
export function pay(ticket, isGood, value) {
  const { resolve, reject } = owed.get(ticket);
  owed.delete(ticket);
  if (isGood) resolve(value);
  else reject(value);
}

/** A request without its body: a line each for method, address, and every header's name and value, none of which has line breaks. */
export function head(request) {
  let text = `${request.method}\n${request.url}\n`;
  for (const [name, value] of request.headers) text += `${name}\n${value}\n`;
  return text;
}

/** A request's body, for [`wait`]. */
export const body = async (request) => new Uint8Array(await request.arrayBuffer());

/** A file deployed with the Worker, or that the client knows it, for [`wait`]: nobody reads its body here. */
export const file = async (env, name, known) =>
  env.ASSETS.fetch(`https://assets.invalid/${name}`, { headers: known === undefined ? {} : { "if-none-match": known } });

/** A signature, for [`wait`]. */
export const sign = async (algorithm, key, input) => new Uint8Array(await crypto.subtle.sign(algorithm, key, input));

/** What the object answers, for [`wait`]; late is `undefined`. */
export const ask = (namespace, name, envelope, wait_ms) => within(wait_ms, namespace.getByName(name).ask(envelope));

/** What a test's hook in the object answers, for [`wait`]. */
export const post = (namespace, name, address, body) => namespace.getByName(name).fetch(address, { method: "POST", body }).then(bytes);

/** The client's end of a socket that the object has accepted, or what it answers instead; late is `undefined`. */
export const dial = (namespace, name, address, header, envelope, wait_ms) =>
  within(
    wait_ms,
    namespace
      .getByName(name)
      .fetch(address, { headers: { upgrade: "websocket", [header]: envelope } })
      .then((response) => response.webSocket ?? bytes(response)),
  );

function within(wait_ms, promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, wait_ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function bytes(response) {
  const buffer = await response.arrayBuffer();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return new Uint8Array(buffer);
}

/** What a statement finds, an array for each row. Never `one()`, which hangs the request when there is none. */
export const rows = (sql, text, bindings) => sql.exec(text, ...bindings).raw().toArray();

/** Counts an answer: `index1` the tenant; `blob1` to `blob3` route, class of the status, method; `double1` to `double3` milliseconds, calls, status. */
export const measure = (dataset, tenant, route, method, status, ms, calls) =>
  dataset.writeDataPoint({ indexes: [tenant], blobs: [route, `${Math.trunc(status / 100)}xx`, method], doubles: [ms, calls, status] });

/** Hands a text to the queue of the archive, for [`wait`]. Neither queue nor database means that there is no archive; one of them, that something is missing. */
export async function keep(env, text) {
  if (env.ARCHIVE_QUEUE) await env.ARCHIVE_QUEUE.send(text, { contentType: "text" });
  else if (env.ARCHIVE) throw new Error("ARCHIVE is bound, and ARCHIVE_QUEUE is not");
}

/** Does statements in the archive's database, all or none, and answers what each has found; without one, `undefined`. For [`wait`]. */
export async function cold({ ARCHIVE: database }, statements) {
  if (!database) return undefined;
  const prepared = JSON.parse(statements).map(([sql, params]) => database.prepare(sql).bind(...params));
  return JSON.stringify((await database.batch(prepared)).map(({ results }) => results));
}

/** What a batch of the queue holds. */
export const texts = (batch) => batch.messages.map(({ body }) => String(body));

/** Attempts after which a message goes to the back of the queue as a new one, long before `max_retries` and the queue's retention, so that it outlasts any outage. */
const ATTEMPTS = 90;

/** How much longer the queue waits at each attempt: three minutes in the end, so that a backlog is gone soon after the database is back. */
const WAIT_S = 2;

/** Has the queue bring a batch again, for [`wait`]. */
export async function again({ messages }, { ARCHIVE_QUEUE: queue }) {
  const isOld = ({ attempts }) => queue && attempts >= ATTEMPTS;
  const old = messages.filter(isOld);
  const renewed = old.map(({ body }) => ({ body: String(body), contentType: "text", delaySeconds: WAIT_S * ATTEMPTS }));
  if (renewed.length) await queue.sendBatch(renewed);
  for (const message of old) message.ack();
  for (const message of messages) if (!isOld(message)) message.retry({ delaySeconds: WAIT_S * message.attempts });
}
