// Who has an account at a tenant?

import { useState } from "preact/hooks";
import { api, go } from "../app.ts";
import { path } from "../lib/api.ts";
import { document, type Field } from "../lib/fields.ts";
import { to } from "../lib/route.ts";
import type { User } from "../lib/types.ts";
import { Act } from "../ui/form.tsx";
import { useList, useSettled } from "../ui/hooks.ts";
import { Badge, Id, Nothing, Page, Search, Table, Time } from "../ui/parts.tsx";

const NEW: Field[] = [
  { name: "email", label: "E-mail address", kind: "email", isRequired: true },
  { name: "name", label: "Name" },
  { name: "password", label: "Password", kind: "password", hint: "Left empty, the account has none yet." },
  { name: "roles", label: "Roles", kind: "words", options: ["admin"], hint: "Administrators may use this console." },
];

export function Users({ tenant }: { tenant: string }) {
  const base = path("tenants", tenant, "users");
  const [typed, setTyped] = useState("");
  const settled = useSettled(typed.trim(), 350);
  // An address is found whole: until there is one, everybody is listed.
  const email = /^[^@\s]+@[^@\s]+$/.test(settled) ? settled : undefined;
  const users = useList<User>(base, { email });
  const create = (
    <Act
      name="create-user"
      label="Create user"
      fields={NEW}
      run={(values) => api.send("POST", base, document(NEW, values))}
      said="User created"
      onDone={(made) => go(to("tenants", tenant, "users", (made as User).sub))}
    />
  );
  return (
    <Page title="Users" up={[tenant, to("tenants", tenant)]} lead="People with an account here." acts={create}>
      <div class="tools">
        <Search label="Find by e-mail address" value={typed} onInput={setTyped} />
      </div>
      <Table
        of={users}
        label="Users"
        id={({ sub }) => sub}
        columns={[
          { head: "User", cell: ({ sub, name, email }) => <a href={to("tenants", tenant, "users", sub)}>{email ?? name ?? sub}</a> },
          { head: "Name", cell: ({ name }) => name ?? "—" },
          { head: "Status", cell: ({ status, roles }) => <><Badge>{status}</Badge> {roles.map((role) => <Badge key={role}>{role}</Badge>)}</> },
          { head: "Id", cell: ({ sub }) => <Id>{sub}</Id> },
          { head: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
        ]}
        empty={<Nothing title={email ? "Nobody has that address" : "No users yet"}>{email ? undefined : "Create one, or let people sign up themselves."}</Nothing>}
      />
    </Page>
  );
}
