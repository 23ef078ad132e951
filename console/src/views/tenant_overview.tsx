// How is a tenant, at this moment?

import { useRef, useState } from "preact/hooks";
import { now } from "../app.ts";
import { path } from "../lib/api.ts";
import { count } from "../lib/format.ts";
import { Slots } from "../lib/rates.ts";
import { to } from "../lib/route.ts";
import type { Act, Tenant } from "../lib/types.ts";
import { Bars } from "../ui/chart.tsx";
import { useFeed, useGet, useList } from "../ui/hooks.ts";
import { Badge, Facts, Id, Page, Section, Show, Time } from "../ui/parts.tsx";
import { Acts } from "./audit.tsx";

/** Ten minutes in slots of ten seconds. */
const SLOT_MS = 10_000;
const SLOTS = 60;

const COUNTED: [string, string, string][] = [
  ["began", "Sessions began", "tone-good"],
  ["ended", "Sessions ended", "tone-soft"],
  ["admitted", "Checks admitted", "tone-good"],
  ["refused", "Checks refused", "tone-bad"],
];

export function TenantOverview({ tenant }: { tenant: string }) {
  const base = path("tenants", tenant);
  const loaded = useGet<Tenant>(base);
  const acts = useList<Act>(path("tenants", tenant, "audit"), { limit: 8 });
  const heard = useRef(new Slots(SLOT_MS, SLOTS));
  const [, redraw] = useState(0);
  useFeed(path("tenants", tenant, "live"), (frame) => {
    if (frame.type === "hello") acts.reload();
    if (frame.type === "act") acts.put([frame.record as Act, ...(acts.value ?? [])].slice(0, 8));
    if (frame.type === "session") heard.current.add(Number(frame.at), String(frame.what));
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
        <Acts of={{ ...acts, more: undefined }} />
      </Section>
    </Page>
  );
}
