// What does an actor say of itself, and what can be done to it?

import { api } from "../app.ts";
import { path } from "../lib/api.ts";
import { bytes, count, duration, ms, words } from "../lib/format.ts";
import type { Snapshot } from "../lib/types.ts";
import { Act, REASON } from "../ui/form.tsx";
import { useGet } from "../ui/hooks.ts";
import { Badge, Facts, Id, Nothing, Page, Section, Show, Time } from "../ui/parts.tsx";

interface Command {
  name: string;
  about: string;
  isDangerous?: boolean;
  /** Of which kinds; of all when it is not said. */
  of?: string;
}

const COMMANDS: Command[] = [
  { name: "revoke", of: "session", isDangerous: true, about: "The session ends; its tokens are refused at once." },
  { name: "reset", of: "bucket", isDangerous: true, about: "The subject begins anew." },
  { name: "flush", about: "What waits in the outbox is delivered now." },
  { name: "revive", about: "Dead letters are tried again." },
  { name: "evict", about: "The actor's memory is dropped, and built anew from its rows." },
];

export function Actor({ kind, name }: { kind: string; name: string }) {
  const base = path("actors", kind, name);
  const actor = useGet<Snapshot>(base);
  return (
    <Page
      title={name}
      up={[`Actors: ${kind}`, `/admin/actors?kind=${encodeURIComponent(kind)}`]}
      acts={
        <button type="button" class="button quiet" onClick={actor.reload}>
          Look again
        </button>
      }
    >
      <Show of={actor} lines={8}>
        {(value) => (
          <>
            <Facts
              of={[
                ["Kind", value.kind],
                ["Founded", value.schema === null ? "never, or gone" : `schema ${value.schema}`],
                ["Database", bytes(value.bytes)],
                ["Awake", <Time at={value.activation.since} />],
                ["Messages", count(value.activation.messages)],
                ["Frames heard", count(value.activation.heard)],
                ["Faults", count(value.activation.faults)],
                ["Next alarm", <Time at={value.alarm} />],
              ]}
            />
            <Section title="Acts">
              <div class="panel acts">
                {COMMANDS.filter(({ of }) => of === undefined || of === kind).map(({ name: command, about, isDangerous }) => (
                  <Act
                    key={command}
                    name={`actor-${command}`}
                    label={words(command)}
                    isQuiet={!isDangerous}
                    isDangerous={isDangerous}
                    about={about}
                    fields={[REASON]}
                    run={({ reason }) => api.send("POST", path("actors", kind, name, command), undefined, { reason: reason!.trim() })}
                    said={`${words(command)}: done`}
                    onDone={actor.reload}
                  />
                ))}
              </div>
            </Section>
            <Section title="State">
              <pre class="panel json" tabIndex={0} aria-label="State">
                {JSON.stringify(value.state, null, 2)}
              </pre>
            </Section>
            <Records title="Jobs" of={value.jobs} empty="No job waits." />
            <Section title="Outbox">
              <Facts of={Object.entries(value.outbox).map(([name, what]) => [words(name), told(name, what)])} />
            </Section>
            <Records title={`Sockets (${count(value.sockets_open)})`} of={value.sockets.map(({ tags, since }) => ({ tags: tags.join(", "), since }))} empty="None is open." />
            <Section title="Rows">
              <Facts of={value.rows.map(([table, rows]) => [table, count(rows)])} />
            </Section>
            <Recent of={value.activation.recent} />
          </>
        )}
      </Show>
    </Page>
  );
}

/** A value as people read it; members named for instants hold milliseconds. */
function told(name: string, value: unknown): preact.ComponentChildren {
  if (value === null || value === undefined) return "—";
  const isInstant = /^(at|due|since|oldest|next|.*_at)$/.test(name) && (typeof value === "number" || !Number.isNaN(Date.parse(String(value))));
  if (isInstant && ms(value as number) > 0) return <Time at={value as number} />;
  if (typeof value === "number") return count(value);
  return typeof value === "object" ? <code>{JSON.stringify(value)}</code> : String(value);
}

function Records({ title, of, empty }: { title: string; of: Record<string, unknown>[]; empty: string }) {
  return (
    <Section title={title}>
      {of.length === 0 ? (
        <p class="fine">{empty}</p>
      ) : (
        <ul class="rows">
          {of.map((record, index) => (
            <li key={index}>
              <Facts of={Object.entries(record).map(([name, value]) => [words(name), told(name, value)])} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Recent({ of }: { of: Snapshot["activation"]["recent"] }) {
  return (
    <Section title="Recent messages">
      {of.length === 0 ? (
        <Nothing title="None since it woke" />
      ) : (
        <ul class="rows tight">
          {of.map(({ name, at, request, fault, duration_ms }, index) => (
            <li key={index}>
              <strong class="grow">{name}</strong>
              {duration_ms !== undefined && <span>{duration(duration_ms)}</span>}
              {fault && <Badge>failed</Badge>}
              {request && <Id>{request}</Id>}
              <Time at={at} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
