// Which actors are there?

import { useState } from "preact/hooks";
import { api, me, place, restate } from "../app.ts";
import { path, withQuery, type List } from "../lib/api.ts";
import { count } from "../lib/format.ts";
import { to } from "../lib/route.ts";
import type { Born, Counts } from "../lib/types.ts";
import { Act } from "../ui/form.tsx";
import { useFeed, useGet, useList, useSettled } from "../ui/hooks.ts";
import { Badge, Choice, Id, Nothing, Page, Search, Table, Time } from "../ui/parts.tsx";

/** Those of which there are many: a list of them is one tenant's. */
const OF_TENANT = ["session", "bucket"];
const KINDS = ["tenant", "session", "bucket", "revocations"];

export function Actors() {
  const { query } = place.value;
  const isPlatform = me().is_platform;
  const kind = query.get("kind") ?? (isPlatform ? "tenant" : "session");
  const state = query.get("state") ?? "live";
  const [tenant, setTenant] = useState(query.get("tenant") ?? (isPlatform ? "" : me().tenant.slug));
  const [prefix, setPrefix] = useState(query.get("prefix") ?? "");
  const asked = { kind, tenant: useSettled(tenant.trim()), prefix: useSettled(prefix.trim()), state };
  const choose = (changed: Partial<typeof asked>) => restate(withQuery("/admin/actors", { ...asked, ...changed }));
  const reconcile = (
    <Act
      name="reconcile"
      label="Put the register right"
      isQuiet
      about={`Compares what the register says of ${kind} actors with what they say themselves, page by page.`}
      run={() => reconciled(kind, asked.tenant)}
      said="The register is right"
    />
  );
  const isMissing = OF_TENANT.includes(kind) && asked.tenant === "";
  return (
    <Page title="Actors" lead="Every tenant, session and bucket is one, with a database of its own." acts={KINDS.includes(kind) && !isMissing && reconcile}>
      {isPlatform && <Kinds kind={kind} choose={(kind) => choose({ kind })} />}
      <div class="tools">
        <Search label="Name begins with" value={prefix} onInput={(text) => { setPrefix(text); choose({ prefix: text.trim() }); }} />
        {!isPlatform && <Choice label="Kind" value={kind} options={KINDS.map((kind) => [kind, kind])} onChange={(kind) => choose({ kind })} />}
        {isPlatform && (
          <label class="choice">
            <span>Tenant</span>
            <input value={tenant} placeholder="slug" onInput={(event) => { setTenant(event.currentTarget.value); choose({ tenant: event.currentTarget.value.trim() }); }} />
          </label>
        )}
        <Choice label="State" value={state} options={[["live", "Live"], ["ended", "Ended"]]} onChange={(state) => choose({ state })} />
      </div>
      {isMissing ? (
        <Nothing icon="actors" title="Whose?">
          There may be many: say of which tenant.
        </Nothing>
      ) : (
        <Found asked={asked} />
      )}
    </Page>
  );
}

/** What is known, with what was heard of it: the kinds of which there is a fixed number are not told again. */
export function merged(known: List<Counts> | undefined, heard: Counts[]): List<Counts> {
  const rest = (known?.items ?? []).filter(({ kind }) => !heard.some((item) => item.kind === kind));
  return { items: [...heard, ...rest], next_cursor: null };
}

function Kinds({ kind, choose }: { kind: string; choose: (kind: string) => void }) {
  const counts = useGet<List<Counts>>(path("actors"));
  useFeed(path("live"), (frame) => {
    if (frame.type === "counts") counts.put(merged(counts.value, frame.items as Counts[]));
    if (frame.type === "hello") counts.reload();
  });
  const items = counts.value?.items ?? KINDS.map((kind) => ({ kind, live: undefined, ended: undefined }));
  return (
      <ul class="kinds" aria-label="Kinds">
        {items.map((item) => (
          <li key={item.kind}>
            <button type="button" aria-pressed={item.kind === kind} onClick={() => choose(item.kind)}>
              <span>{item.kind}</span>
              <strong>{item.live === undefined ? "–" : count(item.live)}</strong>
              <small>{item.ended === undefined ? " " : `${count(item.ended)} ended`}</small>
            </button>
          </li>
        ))}
      </ul>
  );
}

/** Compares to the end: a page names the next. */
async function reconciled(kind: string, tenant: string): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await api.send<{ next_cursor: string | null }>("POST", path("actors", kind, "reconcile"), undefined, { tenant, cursor });
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

function Found({ asked: { kind, ...query } }: { asked: { kind: string; tenant: string; prefix: string; state: string } }) {
  const actors = useList<Born>(path("actors", kind), query);
  return (
    <Table
      of={actors}
      label="Actors"
      id={({ name }) => name}
      columns={[
        { head: "Name", cell: ({ kind, name }) => <a href={to("actors", kind, name)}><Id>{name}</Id></a> },
        { head: "Kind", cell: ({ kind }) => kind },
        { head: "State", cell: ({ state }) => <Badge>{state}</Badge> },
        { head: "Born", cell: ({ born_at }) => <Time at={born_at} /> },
        { head: "Ended", cell: ({ ended_at }) => <Time at={ended_at} /> },
      ]}
      empty={<Nothing icon="actors" title="None of that name" />}
    />
  );
}
