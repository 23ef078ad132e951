// Which tenants are there?

import { useState } from "preact/hooks";
import { api, go, restate, place } from "../app.ts";
import { path, withQuery } from "../lib/api.ts";
import { document, type Field } from "../lib/fields.ts";
import { to } from "../lib/route.ts";
import type { TenantSummary } from "../lib/types.ts";
import { Act } from "../ui/form.tsx";
import { useFeed, useList, useSettled } from "../ui/hooks.ts";
import { Badge, Nothing, Page, Search, Table, Time } from "../ui/parts.tsx";

const NEW: Field[] = [
  { name: "slug", label: "Slug", isRequired: true, hint: "The tenant's sub-domain: lower-case letters, digits and hyphens." },
  { name: "name", label: "Name", isRequired: true, hint: "What people are shown." },
];

export function Tenants() {
  const [typed, setTyped] = useState(place.value.query.get("prefix") ?? "");
  const prefix = useSettled(typed.trim().toLowerCase());
  const tenants = useList<TenantSummary>(path("tenants"), { prefix });
  useFeed(path("live"), ({ type }) => {
    if (type === "tenant" || type === "hello") tenants.reload();
  });
  const search = (text: string) => {
    setTyped(text);
    restate(withQuery("/admin/tenants", { prefix: text.trim() }));
  };
  const create = (
    <Act
      name="create-tenant"
      label="Create tenant"
      fields={NEW}
      run={(values) => api.send("POST", path("tenants"), document(NEW, values))}
      said="Tenant created"
      onDone={(made) => go(to("tenants", (made as TenantSummary).slug))}
    />
  );
  return (
    <Page title="Tenants" lead="Each has an origin, keys and a database of its own." acts={create}>
      <div class="tools">
        <Search label="Search by slug" value={typed} onInput={search} />
      </div>
      <Table
        of={tenants}
        label="Tenants"
        id={({ id }) => id}
        columns={[
          { head: "Tenant", cell: ({ slug }) => <a href={to("tenants", slug)}>{slug}</a> },
          { head: "Status", cell: ({ status }) => <Badge>{status}</Badge> },
          { head: "Issuer", cell: ({ issuer }) => <code>{issuer}</code> },
          { head: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
        ]}
        empty={<Nothing title={prefix ? `No tenant begins with “${prefix}”` : "No tenants yet"}>{prefix ? undefined : "Create one to give an application its users."}</Nothing>}
      />
    </Page>
  );
}
