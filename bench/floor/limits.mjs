// Three rate limiters as one writes them in an afternoon: what a durable, a forgetful and a literal one cost on the same workerd.
//
// None of them asks who is asking, and each has one rule.

import { DurableObject } from "cloudflare:workers";

/** One cell comes back each millisecond, of a million: nobody is refused, and every check is an admission. */
const PERIOD_MS = 1;
const BURST = 1_000_000;

/** The window of the log. */
const WINDOW_MS = 1_000;

/** The generic cell rate algorithm: answers when the next cell is due, or nothing when there is none. */
function gcra(due, now) {
  const next = Math.max(due, now) + PERIOD_MS;
  return next - now <= PERIOD_MS * BURST ? next : undefined;
}

const verdict = (allowed, remaining) => Response.json({ allowed, remaining });
const left = (due, now) => Math.floor((PERIOD_MS * BURST - (due - now)) / PERIOD_MS);

/** Right, and durable: what was admitted is written before it is said, one row each. */
export class Durable extends DurableObject {
  constructor(context, env) {
    super(context, env);
    this.sql = context.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS bucket (id INTEGER PRIMARY KEY, due REAL NOT NULL) STRICT");
    this.due = this.sql.exec("SELECT due FROM bucket WHERE id = 1").toArray()[0]?.due ?? 0;
  }

  fetch() {
    const now = Date.now();
    const due = gcra(this.due, now);
    if (due === undefined) return verdict(false, 0);
    this.sql.exec("INSERT INTO bucket VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET due = excluded.due", due);
    this.due = due;
    return verdict(true, left(due, now));
  }
}

/** The same, which forgets everything whenever it is moved. */
export class Forgetful extends DurableObject {
  due = 0;

  fetch() {
    const now = Date.now();
    const due = gcra(this.due, now);
    if (due === undefined) return verdict(false, 0);
    this.due = due;
    return verdict(true, left(due, now));
  }
}

/** A row for each admission, counted at each check. */
export class Log extends DurableObject {
  constructor(context, env) {
    super(context, env);
    this.sql = context.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS log (at REAL NOT NULL) STRICT");
    this.sql.exec("CREATE INDEX IF NOT EXISTS log_at ON log (at)");
  }

  fetch() {
    const now = Date.now();
    this.sql.exec("DELETE FROM log WHERE at <= ?", now - WINDOW_MS);
    const { count } = this.sql.exec("SELECT COUNT(*) AS count FROM log").one();
    if (count >= BURST) return verdict(false, 0);
    this.sql.exec("INSERT INTO log VALUES (?)", now);
    return verdict(true, BURST - count - 1);
  }
}

/** `/durable/KEY`, `/forgetful/KEY`, `/log/KEY`. */
export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    const binding = env[pathname.split("/")[1].toUpperCase()];
    if (!binding?.idFromName) return new Response("well");
    return binding.get(binding.idFromName(pathname)).fetch(request);
  },
};
