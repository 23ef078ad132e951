// Which keys sign, which come, and which go?

import { api, now } from "../app.ts";
import { path, type List } from "../lib/api.ts";
import { ms } from "../lib/format.ts";
import type { Epoch } from "../lib/types.ts";
import { Act } from "../ui/form.tsx";
import { useList } from "../ui/hooks.ts";
import { Badge, Nothing, Page, Section, Show, Table, Time } from "../ui/parts.tsx";

const base = path("keys");

export function Keys() {
  const epochs = useList<Epoch>(base);
  const acts = (
    <>
      <Act
        name="rotate-keys"
        label="Rotate"
        title="Rotate keys"
        isQuiet
        about="A new epoch is announced, signs once every cache knows it, and the present one retires when its last token has expired."
        run={() => api.send<List<Epoch>>("POST", path("keys", "rotate"), {})}
        said="A new epoch is announced"
        onDone={(answer) => epochs.put((answer as List<Epoch>).items)}
      />
      <Act
        name="rotate-keys-now"
        label="Emergency rotation"
        isDangerous
        about="A new epoch signs at once. Every token signed before is refused, at every tenant, yours included: people keep their sessions, applications have to refresh."
        fields={[{ name: "sure", label: "To be sure", kind: "exactly", text: "emergency", isRequired: true }]}
        run={({ sure }) => {
          if (sure?.trim() !== "emergency") throw new Error("Type emergency to go on.");
          return api.send<List<Epoch>>("POST", path("keys", "rotate"), { emergency: true });
        }}
        said="The new epoch signs"
        onDone={(answer) => epochs.put((answer as List<Epoch>).items)}
      />
    </>
  );
  return (
    <Page title="Keys" lead="An epoch's root derives every tenant's keys. Epochs rotate by themselves." acts={acts}>
      <Show of={epochs}>
        {(all) => (
          <Section title="Timeline">
            <div class="panel">
              <Timeline of={all} />
            </div>
          </Section>
        )}
      </Show>
      <Table
        of={epochs}
        label="Epochs"
        id={({ epoch }) => String(epoch)}
        columns={[
          { head: "Epoch", cell: ({ epoch }) => <strong>{epoch}</strong> },
          { head: "State", cell: ({ state }) => <Badge>{state}</Badge> },
          { head: "Announced", cell: ({ announced_at }) => <Time at={announced_at} /> },
          { head: "Signs from", cell: ({ signs_from }) => <Time at={signs_from} /> },
          { head: "Retires", cell: ({ retires_at }) => <Time at={retires_at} /> },
        ]}
        empty={<Nothing icon="key" title="No keys yet">The first tenant's first token makes them.</Nothing>}
      />
    </Page>
  );
}

const WIDTH = 720;
const HEIGHT = 24;

/** A line for each epoch: announced, signing, retiring; and where we are. */
function Timeline({ of }: { of: Epoch[] }) {
  const at = now.value;
  const ordered = [...of].sort((a, b) => a.epoch - b.epoch);
  const starts = ordered.map(({ announced_at }) => ms(announced_at));
  const ends = ordered.flatMap(({ retires_at, signs_from }) => [ms(signs_from), retires_at === null ? at : ms(retires_at)]);
  const from = Math.min(at, ...starts);
  const span = Math.max(60_000, (Math.max(at, ...ends) - from) * 1.08);
  const x = (time: number) => ((time - from) / span) * WIDTH;
  const bar = (begin: number, end: number, tone: string) =>
    end > begin && <rect class={tone} x={x(begin)} y="4" width={Math.max(2, x(end) - x(begin))} height={HEIGHT - 8} />;
  const told = ordered.map(({ epoch, state }) => `epoch ${epoch} is ${state}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        {STAGES.map(([name, tone]) => (
          <span key={name} class="legend">
            <i class={tone} /> {name}
          </span>
        ))}
        <span class="sr">{told}</span>
      </figcaption>
      <ul class="timeline" aria-hidden="true">
        {ordered.map((epoch, index) => {
          const signs = ms(epoch.signs_from);
          const next = ordered[index + 1];
          const gone = epoch.retires_at === null ? from + span : ms(epoch.retires_at);
          const until = Math.max(signs, Math.min(gone, next ? ms(next.signs_from) : gone));
          return (
            <li key={epoch.epoch}>
              <span>Epoch {epoch.epoch}</span>
              <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
                {bar(ms(epoch.announced_at), signs, "tone-fair")}
                {bar(signs, until, "tone-good")}
                {bar(until, gone, "tone-soft")}
                <path class="now" d={`M${x(at)} 0V${HEIGHT}`} />
              </svg>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}

const STAGES = [["announced", "tone-fair"], ["signing", "tone-good"], ["retiring", "tone-soft"], ["now", "now-mark"]] as const;
