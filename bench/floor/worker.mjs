// What does workerd itself take for an answer, a call of an object, and a durable write?

import { DurableObject } from "cloudflare:workers";

/** One object: it answers, or counts durably and answers. */
export class Floor extends DurableObject {
  constructor(context, env) {
    super(context, env);
    this.sql = context.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT");
    this.sql.exec("INSERT OR IGNORE INTO counter VALUES (1, 0)");
  }

  fetch(request) {
    if (request.method === "POST") this.sql.exec("UPDATE counter SET count = count + 1 WHERE id = 1");
    return new Response("hello");
  }
}

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/object/")) return new Response("hello");
    return env.FLOOR.get(env.FLOOR.idFromName(pathname)).fetch(request);
  },
};
