// Which applications does a tenant know?

import { useState } from "preact/hooks";
import { api } from "../app.ts";
import { path } from "../lib/api.ts";
import { document, type Field } from "../lib/fields.ts";
import { to } from "../lib/route.ts";
import type { Client } from "../lib/types.ts";
import { Act, Dialog } from "../ui/form.tsx";
import { useList } from "../ui/hooks.ts";
import { Copy, Id, Nothing, Page, Table, Time } from "../ui/parts.tsx";

export const CLIENT: Field[] = [
  { name: "client_name", label: "Name", hint: "What people are asked to consent to." },
  { name: "redirect_uris", label: "Redirect addresses", kind: "lines", hint: "One a line; compared octet for octet." },
  { name: "post_logout_redirect_uris", label: "Addresses after signing out", kind: "lines" },
  { name: "grant_types", label: "Grants", kind: "words", options: ["authorization_code", "refresh_token", "client_credentials"] },
  { name: "token_endpoint_auth_method", label: "Proves itself by", kind: "choice", options: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"] },
  { name: "scope", label: "Scopes", hint: "All it may ask for, with spaces between." },
];

/** A secret, which is never shown again. */
export function Secret({ of, onClose }: { of: Client; onClose: () => void }) {
  return (
    <Dialog title="Keep the secret now" onClose={onClose}>
      <p class="lead">It is shown this once: we keep a digest only.</p>
      <div class="secret">
        <span class="sr">Client</span>
        <Id>{of.client_id}</Id>
        <code data-secret>{of.client_secret}</code>
        <Copy text={of.client_secret ?? ""} label="Secret" />
      </div>
      <div class="form-acts">
        <button type="button" class="button" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </Dialog>
  );
}

export function Clients({ tenant }: { tenant: string }) {
  const base = path("tenants", tenant, "clients");
  const clients = useList<Client>(base);
  const [made, setMade] = useState<Client | undefined>();
  const create = (
    <Act
      name="create-client"
      label="Create client"
      fields={CLIENT}
      of={{ grant_types: ["authorization_code", "refresh_token"], token_endpoint_auth_method: "client_secret_basic", scope: "openid profile email" }}
      run={(values) => {
        const members = document(CLIENT, values);
        const lists = ["redirect_uris", "post_logout_redirect_uris"].filter((name) => (members[name] as string[]).length === 0);
        for (const name of lists) delete members[name];
        return api.send("POST", base, members);
      }}
      said="Client created"
      onDone={(answer) => {
        setMade(answer as Client);
        clients.reload();
      }}
    />
  );
  return (
    <Page title="Clients" up={[tenant, to("tenants", tenant)]} lead="Applications that may ask for tokens." acts={create}>
      <Table
        of={clients}
        label="Clients"
        id={({ client_id }) => client_id}
        columns={[
          { head: "Client", cell: ({ client_id, client_name }) => <a href={to("tenants", tenant, "clients", client_id)}>{client_name ?? client_id}</a> },
          { head: "Id", cell: ({ client_id }) => <Id>{client_id}</Id> },
          { head: "Proves itself by", cell: ({ token_endpoint_auth_method }) => token_endpoint_auth_method ?? "client_secret_basic" },
          { head: "Created", cell: ({ client_id_issued_at }) => <Time at={client_id_issued_at * 1_000} /> },
        ]}
        empty={<Nothing title="No clients yet">Create one for each application that signs people in.</Nothing>}
      />
      {made?.client_secret && <Secret of={made} onClose={() => setMade(undefined)} />}
    </Page>
  );
}
