// How is the platform, at this moment?

import { useRef } from "preact/hooks";
import { me, now } from "../app.ts";
import { path, type List } from "../lib/api.ts";
import { count } from "../lib/format.ts";
import { Slots } from "../lib/rates.ts";
import { to } from "../lib/route.ts";
import type { Act, Counts } from "../lib/types.ts";
import { Spark } from "../ui/chart.tsx";
import { useFeed, useGet, useList } from "../ui/hooks.ts";
import { Page, Section, Show } from "../ui/parts.tsx";
import { merged } from "./actors.tsx";
import { Acts, LATEST_ASKED, latest, withRecord } from "./audit.tsx";

/** The kinds of which the number changes. */
const NAMES: Record<string, string> = { tenant: "Tenants", session: "Sessions", bucket: "Buckets", revocations: "Revocation logs" };

const HISTORY_MAX = 60;
/** Births of the last minute, by the second. */
const MINUTE_S = 60;

interface Course {
  live: number[];
  total: number | undefined;
  births: Slots;
}

export function Overview() {
  const counts = useGet<List<Counts>>(path("actors"));
  const courses = useRef(new Map<string, Course>());
  const note = (items: Counts[], at: number) => {
    for (const { kind, live, ended } of items) {
      const course = courses.current.get(kind) ?? { live: [], total: undefined, births: new Slots(1_000, MINUTE_S) };
      courses.current.set(kind, course);
      course.live = [...course.live, live].slice(-HISTORY_MAX);
      if (course.total !== undefined && live + ended > course.total) course.births.add(at, "born", live + ended - course.total);
      course.total = live + ended;
    }
  };
  useFeed(path("live"), (frame) => {
    if (frame.type === "hello") counts.reload();
    if (frame.type !== "counts") return;
    note(frame.items as Counts[], Number(frame.at));
    counts.put(merged(counts.value, frame.items as Counts[]));
  });
  const acts = useList<Act>(path("tenants", me().tenant.slug, "audit"), { limit: LATEST_ASKED });
  useFeed(path("tenants", me().tenant.slug, "live"), (frame) => {
    if (frame.type === "hello") acts.reload();
    if (frame.type === "act") acts.put(withRecord(acts.value, frame.record as Act).slice(0, LATEST_ASKED));
  });
  return (
    <Page title="Overview" lead="Live actors, and what has just been done.">
      <Show of={counts}>
        {({ items }) => (
          <ul class="tiles">
            {Object.entries(NAMES).map(([kind, name]) => [name, items.find((item) => item.kind === kind) ?? { kind, live: 0, ended: 0 }] as const).map(([name, { kind, live, ended }]) => (
              <li key={kind}>
                <a href={`/admin/actors?kind=${encodeURIComponent(kind)}`}>
                  <span>{name}</span>
                  <strong data-count={kind}>{count(live)}</strong>
                  <small>
                    {count(courses.current.get(kind)?.births.sum(now.value, "born") ?? 0)} born in the last minute · {count(ended)} ended
                  </small>
                  <Spark values={courses.current.get(kind)?.live ?? []} />
                </a>
              </li>
            ))}
          </ul>
        )}
      </Show>
      <Section title="Just done" acts={<a href={to("tenants", me().tenant.slug, "audit")}>The whole log</a>}>
        <Acts of={{ ...acts, value: latest(acts.value), more: undefined }} empty="Nothing was done yet" />
      </Section>
    </Page>
  );
}
