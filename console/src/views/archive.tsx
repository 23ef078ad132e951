// What has ended, and is kept for the record?

import { useState } from "preact/hooks";
import { me, place, restate } from "../app.ts";
import { path, withQuery, type Query } from "../lib/api.ts";
import { words } from "../lib/format.ts";
import { useList, useSettled } from "../ui/hooks.ts";
import { Nothing, Page, Search, Table, Time } from "../ui/parts.tsx";
import { Dialog } from "../ui/form.tsx";

type Kept = Record<string, unknown>;

const SORTS = ["sessions", "audit", "keys", "tenants"];
/** Which filters a sort of records knows. */
const FILTERS: Record<string, string[]> = {
  sessions: ["tenant", "user", "from", "to"],
  audit: ["tenant", "user", "event", "from", "to"],
  keys: ["from", "to"],
  tenants: ["tenant", "from", "to"],
};

export function Archive() {
  const { is_platform, tenant } = me();
  const sort = place.value.query.get("sort") ?? "sessions";
  const [values, setValues] = useState<Record<string, string>>(is_platform ? {} : { tenant: tenant.slug });
  const filters = FILTERS[sort] ?? [];
  const wanted: Query = Object.fromEntries(filters.map((name) => [name, asked(name, values[name] ?? "")]));
  const settled = useSettled(JSON.stringify(wanted));
  const records = useList<Kept>(path("archive", sort), JSON.parse(settled));
  const fill = (name: string, value: string) => setValues((before) => ({ ...before, [name]: value }));
  const [first, ...rest] = is_platform ? filters : filters.filter((name) => name !== "tenant");
  return (
    <Page title="Archive" lead="What has ended. Nothing is ever authorised from here.">
      <ul class="tabs" aria-label="Records">
        {(is_platform ? SORTS : SORTS.slice(0, 2)).map((name) => (
          <li key={name}>
            <a href={withQuery("/admin/archive", { sort: name })} aria-current={name === sort ? "page" : undefined} onClick={(event) => { event.preventDefault(); restate(withQuery("/admin/archive", { sort: name })); }}>
              {words(name)}
            </a>
          </li>
        ))}
      </ul>
      <div class="tools">
        {first && !["from", "to"].includes(first) && <Search label={LABELS[first]!} value={values[first] ?? ""} onInput={(text) => fill(first, text)} />}
        {(first && ["from", "to"].includes(first) ? [first, ...rest] : rest).map((name) => (
          <label class="choice" key={name}>
            <span>{LABELS[name]}</span>
            {name === "from" || name === "to" ? (
              <input type="date" value={values[name] ?? ""} onInput={(event) => fill(name, event.currentTarget.value)} />
            ) : (
              <input value={values[name] ?? ""} onInput={(event) => fill(name, event.currentTarget.value)} />
            )}
          </label>
        ))}
      </div>
      <Records key={sort} of={records} />
    </Page>
  );
}

const LABELS: Record<string, string> = { tenant: "Tenant", user: "User", event: "Event", from: "From", to: "Until" };

/** Days as the instants they begin at. */
function asked(name: string, text: string): string | undefined {
  if (text.trim() === "") return undefined;
  return name === "from" || name === "to" ? new Date(text).toISOString() : text.trim();
}

const isInstant = (name: string) => name === "at" || name.endsWith("_at");
const brief = (name: string, value: unknown) => {
  if (value === null || value === undefined) return "—";
  if (isInstant(name)) return <Time at={value as string} />;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

/** What is told first, of whichever sort has it. */
const FIRST = ["id", "event", "slug", "epoch", "user", "why", "outcome", "tenant", "at"];

/** Every sort has members of its own: a few stand in the table, all of them in the window. */
function Records({ of }: { of: ReturnType<typeof useList<Kept>> }) {
  const [shown, setShown] = useState<Kept | undefined>();
  const members = Object.keys(of.value?.[0] ?? {});
  const columns = FIRST.filter((name) => members.includes(name));
  const id = (record: Kept) => String(record.id);
  return (
    <>
      <Table
        of={of}
        label="Records"
        id={id}
        columns={columns.map((name, index) => ({
          head: words(name),
          cell: (record: Kept) =>
            index > 0 ? brief(name, record[name]) : (
              <button type="button" class="link" onClick={() => setShown(record)}>
                {String(record[name])}
              </button>
            ),
        }))}
        empty={<Nothing icon="archive" title="Nothing was archived">Or nothing that the filters leave.</Nothing>}
      />
      {shown && (
        <Dialog title={id(shown)} onClose={() => setShown(undefined)}>
          <pre class="json" tabIndex={0} aria-label="Record">
            {JSON.stringify(shown, null, 2)}
          </pre>
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
