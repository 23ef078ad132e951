// Who is signed in at a tenant, as they come and go?

import { useState } from "preact/hooks";
import { api } from "../app.ts";
import { path } from "../lib/api.ts";
import { to } from "../lib/route.ts";
import type { Born, Tenant } from "../lib/types.ts";
import { Act, REASON } from "../ui/form.tsx";
import { useFeed, useGet, useList } from "../ui/hooks.ts";
import { Badge, Choice, Id, Nothing, Page, Table, Time } from "../ui/parts.tsx";

/** The session's own part of its actor's name. */
export const sidOf = (name: string) => name.split("/").pop()!;

export function Sessions({ tenant }: { tenant: string }) {
  const [state, setState] = useState("live");
  const sessions = useList<Born>(path("actors", "session"), { tenant, state });
  const { value: home } = useGet<Tenant>(path("tenants", tenant));
  const [subs, setSubs] = useState<Record<string, string>>({});
  const [ended, setEnded] = useState<Record<string, number>>({});
  useFeed(path("tenants", tenant, "live"), (frame) => {
    if (frame.type === "hello") return sessions.reload();
    if (frame.type !== "session") return;
    const [sid, at] = [String(frame.sid), Number(frame.at)];
    if (typeof frame.sub === "string") setSubs((before) => ({ ...before, [sid]: frame.sub as string }));
    if (frame.what === "ended") return setEnded((before) => ({ ...before, [sid]: at }));
    const known = sessions.value ?? [];
    if (state !== "live" || !home || known.some(({ name }) => sidOf(name) === sid)) return;
    sessions.put([{ kind: "session", name: `${home.id}/${sid}`, tenant: home.id, state: "live", born_at: at, ended_at: null }, ...known]);
  });
  const endOf = ({ name, ended_at }: Born) => ended[sidOf(name)] ?? ended_at;
  return (
    <Page title="Sessions" up={[tenant, to("tenants", tenant)]} lead="Each is an actor of its own. They appear as people sign in, and go as they end.">
      <div class="tools">
        <Choice label="Show" value={state} options={[["live", "Live"], ["ended", "Ended"]]} onChange={setState} />
      </div>
      <Table
        of={sessions}
        label="Sessions"
        id={({ name }) => name}
        mark={(item) => (item.state === "live" && endOf(item) !== null ? "gone" : undefined)}
        columns={[
          { head: "Session", cell: ({ name }) => <a href={to("actors", "session", name)}><Id>{sidOf(name)}</Id></a> },
          { head: "User", cell: ({ name }) => (subs[sidOf(name)] ? <a href={to("tenants", tenant, "users", subs[sidOf(name)]!)}><Id>{subs[sidOf(name)]!}</Id></a> : "—") },
          { head: "State", cell: (item) => <Badge>{endOf(item) === null ? "live" : "ended"}</Badge> },
          { head: "Began", cell: ({ born_at }) => <Time at={born_at} /> },
          { head: "Ended", cell: (item) => <Time at={endOf(item)} /> },
          {
            head: "Revoke",
            cell: (item) =>
              endOf(item) === null && (
                <Act
                  name={`revoke-${sidOf(item.name)}`}
                  label="Revoke"
                  title="Revoke session"
                  on={sidOf(item.name)}
                  isQuiet
                  isSmall
                  about="Its tokens are refused at once, and every tab and resource server is told."
                  fields={[REASON]}
                  run={({ reason }) => api.send("POST", path("actors", "session", item.name, "revoke"), undefined, { reason: reason!.trim() })}
                  said="Session revoked"
                  onDone={() => setEnded((before) => ({ ...before, [sidOf(item.name)]: Date.now() }))}
                />
              ),
          },
        ]}
        empty={<Nothing icon="laptop" title={state === "live" ? "Nobody is signed in" : "No session has ended lately"}>{state === "live" ? "Leave this open: whoever signs in appears here." : undefined}</Nothing>}
      />
    </Page>
  );
}
