// Who has done what, from where, and why?

import { useState } from "preact/hooks";
import { api } from "../app.ts";
import { path, type Query } from "../lib/api.ts";
import { device, instant, ms } from "../lib/format.ts";
import { to } from "../lib/route.ts";
import { save } from "../lib/save.ts";
import type { Act as Record } from "../lib/types.ts";
import { Act, Dialog } from "../ui/form.tsx";
import { useFeed, useList, useSettled } from "../ui/hooks.ts";
import { Badge, Choice, Facts, Id, Nothing, Page, Search, Table, Time } from "../ui/parts.tsx";

const JSON_LINES = "application/jsonl";

/** Whether a record that was heard is among those that are asked for. */
const isAsked = (record: Record, { event, actor, outcome }: Query) =>
  (!event || record.event === event) && (!actor || record.actor.id === actor) && (!outcome || record.outcome === outcome);

export function Audit({ tenant }: { tenant: string }) {
  const base = path("tenants", tenant, "audit");
  const [event, setEvent] = useState("");
  const [actor, setActor] = useState("");
  const [outcome, setOutcome] = useState("");
  const asked: Query = { event: useSettled(event.trim()), actor: useSettled(actor.trim()), outcome };
  const acts = useList<Record>(base, asked);
  useFeed(path("tenants", tenant, "live"), (frame) => {
    if (frame.type === "hello") return acts.reload();
    if (frame.type !== "act") return;
    const record = frame.record as Record;
    const known = acts.value ?? [];
    if (isAsked(record, asked) && !known.some(({ id }) => id === record.id)) acts.put([record, ...known]);
  });
  const keep = async () => save(`${tenant}-audit.jsonl`, JSON_LINES, await api.text(base, asked, JSON_LINES));
  return (
    <Page
      title="Audit log"
      up={[tenant, to("tenants", tenant)]}
      lead="Every act that concerns security, as it is kept."
      acts={<Act name="export-audit" label="Export" title="Export as JSON lines" isQuiet about="The records that the filters leave, one JSON document a line." run={keep} said="Exported" />}
    >
      <div class="tools">
        <Search label="Event, such as policy.created" value={event} onInput={setEvent} />
        <label class="choice">
          <span>Actor</span>
          <input value={actor} placeholder="usr_…" onInput={(event) => setActor(event.currentTarget.value)} />
        </label>
        <Choice label="Outcome" value={outcome} options={[["", "Any"], ["done", "Done"], ["refused", "Refused"]]} onChange={setOutcome} />
      </div>
      <Acts of={acts} />
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
