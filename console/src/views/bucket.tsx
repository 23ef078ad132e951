// How does a subject stand under a policy, why is it refused, and how is it let in again?

import { useState } from "preact/hooks";
import { api, now, place, restate } from "../app.ts";
import { path, withQuery } from "../lib/api.ts";
import { count, duration, ms, relative } from "../lib/format.ts";
import { to } from "../lib/route.ts";
import type { Bucket as Stand, Policy } from "../lib/types.ts";
import { Act, Form, REASON } from "../ui/form.tsx";
import { useGet, useList } from "../ui/hooks.ts";
import { Badge, Facts, Id, Nothing, Page, Section, Show } from "../ui/parts.tsx";
import { Live } from "./policy.tsx";

export function Bucket({ tenant }: { tenant: string }) {
  const { query } = place.value;
  const [policy, subject] = [query.get("policy") ?? "", query.get("subject") ?? ""];
  const policies = useList<Policy>(path("tenants", tenant, "policies"), { limit: 100 });
  const here = to("tenants", tenant, "buckets");
  return (
    <Page title="Buckets" up={["Rate limits", to("tenants", tenant, "policies")]} lead="What one subject has left, and why it is refused.">
      <Show of={policies}>
        {(all) =>
          all.length === 0 ? (
            <Nothing icon="gauge" title="No policies yet" />
          ) : (
            <div class="panel">
              <Form
                name="find-bucket"
                submit="Look"
                fields={[
                  { name: "policy", label: "Policy", kind: "choice", options: all.map(({ name }) => name) },
                  { name: "subject", label: "Subject", isRequired: true, hint: "As your application names it: a user, a key, an address." },
                ]}
                of={{ policy: policy || all[0]!.name, subject }}
                run={async (values) => {
                  if (!values.subject?.trim()) throw new Error("Say whose bucket.");
                  restate(withQuery(here, { policy: values.policy, subject: values.subject.trim() }));
                }}
              />
            </div>
          )
        }
      </Show>
      {policy && subject && <Found key={`${policy} ${subject}`} tenant={tenant} policy={policy} subject={subject} />}
    </Page>
  );
}

function Found({ tenant, policy, subject }: { tenant: string; policy: string; subject: string }) {
  const base = path("tenants", tenant, "buckets", policy);
  const bucket = useGet<Stand>(base, { subject });
  const [wasReset, setReset] = useState(false);
  return (
    <>
      <Section
        title={subject}
        acts={
          <>
            <button type="button" class="button quiet small" onClick={bucket.reload}>
              Look again
            </button>
            <Act
              name="reset-bucket"
              label="Reset"
              title="Reset bucket"
              isQuiet
              isSmall
              about="The subject begins anew, with all that is allowed."
              fields={[REASON]}
              run={({ reason }) => api.send("DELETE", base, undefined, { subject, reason: reason!.trim() })}
              said="Bucket reset"
              onDone={() => {
                setReset(true);
                bucket.reload();
              }}
            />
          </>
        }
      >
        <Show of={bucket} lines={3}>
          {(value) => (
            <>
              <Facts
                of={[
                  ["Bucket", <Id>{value.bucket}</Id>],
                  ["The policy is to", value.effect === null ? "—" : <Badge>{value.effect}</Badge>],
                ]}
              />
              {value.effect === "block" && <p class="alert">An override blocks this subject.</p>}
              {value.rules.length === 0 ? (
                <Nothing icon="check" title="All that is allowed is left">
                  {wasReset ? "It was reset just now." : "Nothing was charged lately."}
                </Nothing>
              ) : (
                <ul class="rows">
                  {value.rules.map((rule) => (
                    <Rule key={rule.rule + rule.scope} of={rule} />
                  ))}
                </ul>
              )}
            </>
          )}
        </Show>
      </Section>
      <Live tenant={tenant} name={policy} />
    </>
  );
}

function Rule({ of }: { of: Stand["rules"][number] }) {
  const isRefused = of.refuses_until !== null && ms(of.refuses_until) > now.value;
  const full = ms(of.full_at);
  return (
    <li class="rule">
      <div class="grow">
        <strong>{of.rule}</strong> {of.scope && <Id>{of.scope}</Id>}
        <p>
          {count(of.remaining)} of {count(of.limit)} left in {duration(of.window_ms)}
          {full > now.value && `, all of it ${relative(full, now.value)}`}
        </p>
        <meter min={0} max={of.limit} value={of.remaining} aria-label={`${of.rule}: left`} />
      </div>
      {isRefused ? <Badge>refused</Badge> : <span class="badge good">admitted</span>}
      {isRefused && <p>until {new Date(ms(of.refuses_until!)).toLocaleTimeString("en-GB")}</p>}
    </li>
  );
}
