// A server for tests and tools: serves a build that is there, and says so in one line.
//
//   node scripts/serve.mjs --variant release|test --port N|0 --data DIR
//                          [--secrets FILE] [--var NAME=VALUE]… [--isolates 2]
//                          [--without d1_databases|queues]…
//
// `--without` leaves out a part of wrangler.json: a deployment that has none, or whose database is gone.
//
// With two isolates, `x-isolate: far` in a request means the second one.
//
// Once healthy it prints exactly `ready http://127.0.0.1:PORT pid PID` on
// stdout, PID being workerd itself; everything else goes to stderr. It builds
// nothing, ends when its parent does, and never outlives or is outlived by
// its workerd.

import { main } from "./lib/process.mjs";
import { options, serve } from "./lib/serving.mjs";

await main(() =>
  serve(options(), ({ url, pid }) => console.log(`ready ${url} pid ${pid}`), { untilParentEnds: true }),
);
