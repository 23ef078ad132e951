// Who has done what, from where, and why?

import { useState } from "preact/hooks";
import { api } from "../app.ts";
import { JSON_LINES, path, type Query } from "../lib/api.ts";
import { device, instant, ms } from "../lib/format.ts";
import { to } from "../lib/route.ts";
import { save } from "../lib/save.ts";
import type { Act as Record } from "../lib/types.ts";
import { Act, Dialog } from "../ui/form.tsx";
import { useFeed, useList, useSettled } from "../ui/hooks.ts";
import { Badge, Choice, Facts, Id, Nothing, Page, Search, Table, Time } from "../ui/parts.tsx";

/** Whether a record that was heard is among those that are asked for. */
const isAsked = (record: Record, { event, actor, outcome, to }: Query) =>
  (!event || record.event === event) && (!actor || record.actor.id === actor) && (!outcome || record.outcome === outcome) && !to;

/** Records with one that was heard; the same comes again when it is counted again. */
export function withRecord(known: Record[] | undefined, record: Record): Record[] {
  return [record, ...(known ?? []).filter(({ id }) => id !== record.id)];
}

/** How many records an overview asks for, of which it shows the latest that are not looks. */
export const LATEST_ASKED = 50;
const LATEST_SHOWN = 8;

/** The latest that was done, without who has looked at what: whoever opens this looks. */
export const latest = (known: Record[] | undefined) => known?.filter(({ event }) => event !== "admin.looked").slice(0, LATEST_SHOWN);

/** A day as the instant it begins at. */
const begin = (day: string) => (day === "" ? undefined : new Date(day).toISOString());

export function Audit({ tenant }: { tenant: string }) {
  const base = path("tenants", tenant, "audit");
  const [event, setEvent] = useState("");
  const [actor, setActor] = useState("");
  const [outcome, setOutcome] = useState("");
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const typed = useSettled(event.trim());
  // The API knows whole names; until there is one, what has come is looked through.
  const asked: Query = { event: EVENTS.includes(typed) ? typed : undefined, actor: useSettled(actor.trim()), outcome, from: begin(from), to: begin(until) };
  const acts = useList<Record>(base, asked);
  useFeed(path("tenants", tenant, "live"), (frame) => {
    if (frame.type === "hello") return acts.reload();
    if (frame.type !== "act") return;
    const record = frame.record as Record;
    if (isAsked(record, asked)) acts.put(withRecord(acts.value, record));
  });
  const keep = async () => save(`${tenant}-audit.jsonl`, JSON_LINES, await api.lines(base, asked));
  return (
    <Page
      title="Audit log"
      up={[tenant, to("tenants", tenant)]}
      lead="Every act that concerns security, as it is kept."
      acts={<Act name="export-audit" label="Export" title="Export as JSON lines" isQuiet about="The records that the filters leave, one JSON document a line." run={keep} said="Exported" />}
    >
      <div class="tools">
        <Search label="Event, such as policy.created" value={event} onInput={setEvent} options={EVENTS} />
        <label class="choice">
          <span>Actor</span>
          <input value={actor} placeholder="usr_…" onInput={(event) => setActor(event.currentTarget.value)} />
        </label>
        <Choice label="Outcome" value={outcome} options={[["", "Any"], ["done", "Done"], ["refused", "Refused"]]} onChange={setOutcome} />
        <label class="choice">
          <span>From</span>
          <input type="date" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label class="choice">
          <span>Until</span>
          <input type="date" value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
        </label>
      </div>
      <Acts of={{ ...acts, value: acts.value?.filter((record) => record.event.startsWith(typed)) }} />
    </Page>
  );
}

/** Records in a table, each with all that is known of it. */
export function Acts({ of, empty = "No such record" }: { of: ReturnType<typeof useList<Record>>; empty?: string }) {
  const [shown, setShown] = useState<Record | undefined>();
  return (
    <>
      <Table
        of={of}
        label="Records"
        id={({ id }) => id}
        columns={[
          {
            head: "Event",
            cell: (record) => (
              <button type="button" class="link" onClick={() => setShown(record)}>
                {record.event}
                {(record.count ?? 1) > 1 && ` × ${record.count}`}
              </button>
            ),
          },
          { head: "On", cell: ({ target }) => <><span class="soft">{target.kind}</span> <Id>{target.id}</Id></> },
          { head: "By", cell: ({ actor }) => <><span class="soft">{actor.kind}</span> <Id>{actor.id}</Id></> },
          { head: "Outcome", cell: ({ outcome }) => <Badge>{outcome}</Badge> },
          { head: "When", cell: ({ at }) => <Time at={at} /> },
        ]}
        empty={<Nothing icon="log" title={empty} />}
      />
      {shown && (
        <Dialog title={shown.event} onClose={() => setShown(undefined)}>
          <Facts
            of={[
              ["When", instant(ms(shown.at))],
              ["Outcome", <Badge>{shown.outcome}</Badge>],
              ["By", `${shown.actor.kind} ${shown.actor.id}`],
              ["On", `${shown.target.kind} ${shown.target.id}`],
              ["Times", shown.count ?? 1],
              ["Reason", shown.reason],
              ["From", shown.address],
              ["With", shown.user_agent && <span title={shown.user_agent}>{device(shown.user_agent)}</span>],
              ["Request", shown.request_id && <Id>{shown.request_id}</Id>],
              ["Record", <Id>{shown.id}</Id>],
            ]}
          />
          <div class="form-acts">
            <button type="button" class="button quiet" onClick={() => setShown(undefined)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
