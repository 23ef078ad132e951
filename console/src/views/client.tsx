// What is one application allowed?

import { useState } from "preact/hooks";
import { api, go } from "../app.ts";
import { path } from "../lib/api.ts";
import { patch } from "../lib/fields.ts";
import { to } from "../lib/route.ts";
import type { Client as Document } from "../lib/types.ts";
import { Act, Form } from "../ui/form.tsx";
import { useGet } from "../ui/hooks.ts";
import { Facts, Id, Page, Section, Show, Time } from "../ui/parts.tsx";
import { CLIENT, Secret } from "./clients.tsx";

export function Client({ tenant, id }: { tenant: string; id: string }) {
  const base = path("tenants", tenant, "clients", id);
  const client = useGet<Document>(base);
  const [rotated, setRotated] = useState<Document | undefined>();
  const list = to("tenants", tenant, "clients");
  return (
    <Page title={client.value?.client_name ?? id} up={["Clients", list]}>
      <Show of={client}>
        {(value) => (
          <>
            <Facts
              of={[
                ["Id", <Id>{value.client_id}</Id>],
                ["Created", <Time at={value.client_id_issued_at * 1_000} />],
                ["Secret", value.client_secret_expires_at === undefined ? "None" : "Set; only its digest is kept"],
              ]}
            />
            <Section title="Metadata">
              <div class="panel">
                <Form
                  name="change-client"
                  fields={CLIENT}
                  of={value}
                  submit="Save"
                  said="Client saved"
                  run={async (values) => client.put(await api.send<Document>("PATCH", base, patch(CLIENT, values, value)))}
                />
              </div>
            </Section>
            <Section title="Secret and end">
              <div class="panel acts">
                {value.client_secret_expires_at !== undefined && (
                  <Act
                    name="rotate-secret"
                    label="Rotate secret"
                    isQuiet
                    about="The client gets a new secret; the present one is refused from then on."
                    run={() => api.send("POST", path("tenants", tenant, "clients", id, "secret"), {})}
                    said="Secret rotated"
                    onDone={(answer) => setRotated(answer as Document)}
                  />
                )}
                <Act
                  name="delete-client"
                  label="Delete client"
                  isDangerous
                  about="Every grant it holds ends, and nobody can sign in to it."
                  run={() => api.send("DELETE", base)}
                  said="Client deleted"
                  onDone={() => go(list)}
                />
              </div>
            </Section>
            {rotated && <Secret of={rotated} onClose={() => setRotated(undefined)} />}
          </>
        )}
      </Show>
    </Page>
  );
}
