// How is a tenant, at this moment?

import { useRef, useState } from "preact/hooks";
import { now } from "../app.ts";
import { path, withQuery, type List } from "../lib/api.ts";
import { count, words } from "../lib/format.ts";
import { Slots } from "../lib/rates.ts";
import { to } from "../lib/route.ts";
import type { Act, Counts, Tenant } from "../lib/types.ts";
import { Bars } from "../ui/chart.tsx";
import { useFeed, useGet, useList } from "../ui/hooks.ts";
import { Badge, Facts, Id, Page, Section, Show, Time } from "../ui/parts.tsx";
import { Acts, LATEST_ASKED, latest, withRecord } from "./audit.tsx";

/** Ten minutes in slots of ten seconds. */
const SLOT_MS = 10_000;
const SLOTS = 60;

const COUNTED: [string, string][] = [
  ["began", "Sessions began"],
  ["ended", "Sessions ended"],
  ["admitted", "Checks admitted"],
  ["refused", "Checks refused"],
];

/** Kinds of which a tenant has many. */
const OF_MANY = ["session", "bucket"] as const;

/** The counts with one session more, or one ended. */
function counted({ items }: List<Counts>, more: 1 | -1): List<Counts> {
  const changed = (item: Counts) => (item.kind === "session" ? { ...item, live: Math.max(0, item.live + more), ended: item.ended + (more < 0 ? 1 : 0) } : item);
  return { items: items.map(changed), next_cursor: null };
}

export function TenantOverview({ tenant }: { tenant: string }) {
  const base = path("tenants", tenant);
  const loaded = useGet<Tenant>(base);
  const counts = useGet<List<Counts>>(path("actors"), { tenant });
  const acts = useList<Act>(path("tenants", tenant, "audit"), { limit: LATEST_ASKED });
  const heard = useRef(new Slots(SLOT_MS, SLOTS));
  const [, redraw] = useState(0);
  useFeed(path("tenants", tenant, "live"), (frame) => {
    if (frame.type === "hello") {
      acts.reload();
      counts.reload();
    }
    if (frame.type === "act") acts.put(withRecord(acts.value, frame.record as Act).slice(0, LATEST_ASKED));
    if (frame.type === "session") {
      heard.current.add(Number(frame.at), String(frame.what));
      if (counts.value) counts.put(counted(counts.value, frame.what === "began" ? 1 : -1));
    }
    if (frame.type === "usage") {
      heard.current.add(Number(frame.at), "admitted", Number(frame.admitted));
      heard.current.add(Number(frame.at), "refused", Number(frame.refused));
    }
    redraw((turn) => turn + 1);
  });
  const until = Math.floor(now.value / SLOT_MS) * SLOT_MS;
  const points = (what: string) => heard.current.until(until, what);
  return (
    <Page title={loaded.value?.name ?? tenant} lead="What happens here, while you look.">
      <Show of={loaded} lines={2}>
        {(value) => (
          <Facts
            of={[
              ["Status", <Badge>{value.status}</Badge>],
              ["Slug", value.slug],
              ["Issuer", <Id>{value.issuer}</Id>],
              ["Created", <Time at={value.created_at} />],
            ]}
          />
        )}
      </Show>
      <ul class="tiles">
        {OF_MANY.map((kind) => counts.value?.items.find((item) => item.kind === kind) ?? { kind, live: 0, ended: 0 }).map(({ kind, live, ended }) => (
          <li key={kind}>
            <a href={withQuery("/admin/actors", { kind, tenant })}>
              <span>{words(kind)}s</span>
              <strong data-count={kind}>{count(live)}</strong>
              <small>{count(ended)} ended within a day</small>
            </a>
          </li>
        ))}
        {COUNTED.map(([what, name]) => (
          <li key={what}>
            <a href={to("tenants", tenant, what === "began" || what === "ended" ? "sessions" : "policies")}>
              <span>{name}</span>
              <strong data-count={what}>{count(heard.current.sum(now.value, what))}</strong>
              <small>in the last ten minutes, since you look</small>
            </a>
          </li>
        ))}
      </ul>
      <Section title="Rate limits">
        <div class="panel">
          <Bars
            label="Checks in the last ten minutes"
            series={[
              { name: "admitted", tone: "tone-good", points: points("admitted") },
              { name: "refused", tone: "tone-bad", points: points("refused") },
            ]}
          />
        </div>
      </Section>
      <Section title="Just done" acts={<a href={to("tenants", tenant, "audit")}>The whole log</a>}>
        <Acts of={{ ...acts, value: latest(acts.value), more: undefined }} empty="Nothing was done yet" />
      </Section>
    </Page>
  );
}
