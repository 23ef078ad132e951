// Which rate limits has a tenant laid down?

import { path } from "../lib/api.ts";
import { to } from "../lib/route.ts";
import type { Policy } from "../lib/types.ts";
import { useList } from "../ui/hooks.ts";
import { Badge, Nothing, Page, Table, Time } from "../ui/parts.tsx";

export function Policies({ tenant }: { tenant: string }) {
  const policies = useList<Policy>(path("tenants", tenant, "policies"));
  const acts = (
    <>
      <a class="button quiet" href={to("tenants", tenant, "buckets")}>
        Find a bucket
      </a>
      <a class="button" href={to("tenants", tenant, "policies", "new")}>
        Create policy
      </a>
    </>
  );
  return (
    <Page title="Rate limits" up={[tenant, to("tenants", tenant)]} lead="Policies for the tenant's own subjects, exact and durable." acts={acts}>
      <Table
        of={policies}
        label="Policies"
        id={({ name }) => name}
        columns={[
          { head: "Policy", cell: ({ name }) => <a href={to("tenants", tenant, "policies", name)}>{name}</a> },
          { head: "Mode", cell: ({ mode }) => <Badge>{mode}</Badge> },
          { head: "Rules", cell: ({ rules }) => rules.map(({ name, type }) => `${name} (${type})`).join(", ") },
          { head: "Version", isNumber: true, cell: ({ version }) => version },
          { head: "Changed", cell: ({ updated_at }) => <Time at={updated_at} /> },
        ]}
        empty={<Nothing icon="gauge" title="No policies yet">A policy says how much is too much for one subject.</Nothing>}
      />
    </Page>
  );
}
