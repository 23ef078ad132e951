// What does a rate limit say, how often is it asked, and whom does it refuse?

import { useRef, useState } from "preact/hooks";
import { api, go, now } from "../app.ts";
import { path } from "../lib/api.ts";
import { ms } from "../lib/format.ts";
import { to } from "../lib/route.ts";
import { Slots } from "../lib/rates.ts";
import type { Policy as Document, Usage } from "../lib/types.ts";
import { Bars } from "../ui/chart.tsx";
import { Editor } from "../ui/editor.tsx";
import { Act, REASON } from "../ui/form.tsx";
import { useFeed, useGet } from "../ui/hooks.ts";
import { Badge, Facts, Page, Section, Show, Time } from "../ui/parts.tsx";

const BEGINNING = {
  name: "api",
  mode: "enforce",
  rules: [{ name: "per-minute", type: "gcra", period_ms: 1_000, burst: 60 }],
  overrides: [],
};

export function NewPolicy({ tenant }: { tenant: string }) {
  const list = to("tenants", tenant, "policies");
  return (
    <Page title="New policy" up={["Rate limits", list]}>
      <div class="panel">
        <Editor
          name="create-policy"
          label="Policy as JSON"
          value={BEGINNING}
          submit="Create policy"
          said="Policy created"
          run={(document) => api.send("POST", path("tenants", tenant, "policies"), document)}
          onDone={(made) => go(to("tenants", tenant, "policies", (made as Document).name))}
        />
      </div>
    </Page>
  );
}

/** What is ours to say of a policy. */
function terms({ version: _, updated_at: __, ...said }: Document): Record<string, unknown> {
  return said;
}

export function Policy({ tenant, name }: { tenant: string; name: string }) {
  const base = path("tenants", tenant, "policies", name);
  const policy = useGet<Document>(base);
  const list = to("tenants", tenant, "policies");
  return (
    <Page title={name} up={["Rate limits", list]}>
      <Live tenant={tenant} name={name} />
      <Show of={policy}>
        {(value) => (
          <>
            <Section title="Policy">
              <Facts
                of={[
                  ["Mode", <Badge>{value.mode}</Badge>],
                  ["Version", value.version],
                  ["Changed", <Time at={value.updated_at} />],
                ]}
              />
              <div class="panel">
                <Editor
                  key={value.version}
                  name="change-policy"
                  label="Policy as JSON"
                  value={terms(value)}
                  submit="Save"
                  said="Policy saved"
                  run={async ({ name: _, ...changed }) => policy.put(await api.send<Document>("PATCH", base, changed))}
                />
              </div>
            </Section>
            <div class="acts">
              <Act
                name="delete-policy"
                label="Delete policy"
                isDangerous
                about="Nothing is limited by it from then on; what was spent is forgotten."
                fields={[REASON]}
                run={({ reason }) => api.send("DELETE", base, undefined, { reason: reason!.trim() })}
                said="Policy deleted"
                onDone={() => go(list)}
              />
            </div>
          </>
        )}
      </Show>
    </Page>
  );
}

const MINUTES = 60;

/** How often a policy has been asked in the last hour, by the minute, and is being asked. */
export function Live({ tenant, name }: { tenant: string; name: string }) {
  const usage = useGet<Usage>(path("tenants", tenant, "policies", name, "usage"));
  // What was heard since the answer came stands on top of it.
  const heard = useRef(new Slots(60_000, MINUTES));
  const of = useRef(usage.value);
  if (of.current !== usage.value) {
    of.current = usage.value;
    heard.current = new Slots(60_000, MINUTES);
  }
  const [, redraw] = useState(0);
  useFeed(path("tenants", tenant, "live"), (frame) => {
    if (frame.type === "hello") return usage.reload();
    if (frame.type !== "usage" || frame.policy !== name) return;
    heard.current.add(Number(frame.at), "admitted", Number(frame.admitted));
    heard.current.add(Number(frame.at), "refused", Number(frame.refused));
    redraw((turn) => turn + 1);
  });
  // A new minute is a new bar.
  const until = Math.floor(now.value / 60_000) * 60_000;
  const points = (what: "admitted" | "refused", { minutes }: Usage) =>
    heard.current.until(until, what).map(({ at, value }) => {
      const told = minutes.find((minute) => Math.floor(ms(minute.at) / 60_000) * 60_000 === at);
      return { at, value: value + (told?.[what] ?? 0) };
    });
  return (
    <Section title="Last hour">
      <Show of={usage} lines={3}>
        {(value) => (
          <>
            <div class="panel">
              <Bars
                label={`Checks of ${name} in the last hour`}
                series={[
                  { name: "admitted", tone: "tone-good", points: points("admitted", value) },
                  { name: "refused", tone: "tone-bad", points: points("refused", value) },
                ]}
              />
            </div>
            {value.offenders.length > 0 ? (
              <ul class="rows" aria-label="Refused most">
                {value.offenders.map(({ subject, refused }) => (
                  <li key={subject}>
                    <a class="grow" href={`${to("tenants", tenant, "buckets")}?${new URLSearchParams({ policy: name, subject })}`}>
                      {subject}
                    </a>
                    <span>refused {refused} times</span>
                  </li>
                ))}
              </ul>
            ) : (
              <p class="fine">Nobody was refused.</p>
            )}
          </>
        )}
      </Show>
    </Section>
  );
}
