// How is a tenant set up, and how does it end?

import { api, go, me } from "../app.ts";
import { path } from "../lib/api.ts";
import { patch, type Field } from "../lib/fields.ts";
import { to } from "../lib/route.ts";
import type { Tenant } from "../lib/types.ts";
import { Act, Form } from "../ui/form.tsx";
import { useGet } from "../ui/hooks.ts";
import { Badge, Facts, Id, Page, Section, Show, Time } from "../ui/parts.tsx";

const LOOKS: Field[] = [
  { name: "name", label: "Name", isRequired: true, hint: "What people are shown." },
  { name: "logo_uri", label: "Logo", kind: "url", hint: "An https address; shown at the head of pages." },
  { name: "brand_color", label: "Colour", hint: "Of buttons and links: #rrggbb." },
];
const ACCESS: Field[] = [
  { name: "signup_enabled", label: "People may make their own account", kind: "yes" },
  { name: "registration_enabled", label: "Clients may register themselves", kind: "yes" },
];
const LIVES: Field[] = [
  { name: "session_idle_ms", label: "Session without use", kind: "duration", isRequired: true },
  { name: "session_absolute_ms", label: "Session at most", kind: "duration", isRequired: true },
  { name: "access_token_ttl_ms", label: "Access token", kind: "duration", isRequired: true },
  { name: "id_token_ttl_ms", label: "ID token", kind: "duration", isRequired: true },
  { name: "refresh_idle_ms", label: "Refresh token without use", kind: "duration", isRequired: true },
  { name: "archive_retention_days", label: "Records in the archive, in days", kind: "number", isRequired: true },
  { name: "access_token_alg", label: "Access tokens are signed with", kind: "choice", options: ["EdDSA", "ES256", "RS256"] },
];
const NAMES: Field[] = [{ name: "hostnames", label: "Hostnames", kind: "lines", hint: "Names of the tenant's own under which it answers, one a line." }];

export function Settings({ tenant }: { tenant: string }) {
  const base = path("tenants", tenant);
  const loaded = useGet<Tenant>(base);
  const change = (fields: Field[]) => async (values: Record<string, string>) => {
    const changed = patch(fields, values, loaded.value!);
    loaded.put(await api.send<Tenant>("PATCH", base, changed));
  };
  const become = (status: string) => async () => loaded.put(await api.send<Tenant>("PATCH", base, { status }));
  return (
    <Page title="Settings" up={[tenant, to("tenants", tenant)]}>
      <Show of={loaded}>
        {(value) => (
          <>
            <Facts
              of={[
                ["Status", <Badge>{value.status}</Badge>],
                ["Id", <Id>{value.id}</Id>],
                ["Issuer", <Id>{value.issuer}</Id>],
                ["Created", <Time at={value.created_at} />],
              ]}
            />
            {([
              ["Looks", LOOKS],
              ["Joining", ACCESS],
              ["Lives", LIVES],
              ...(me().is_platform ? [["Hostnames", NAMES] as const] : []),
            ] as [string, Field[]][]).map(([title, fields]) => (
              <Section key={title} title={title}>
                <div class="panel">
                  <Form name={`settings-${title}`} fields={fields} of={value} submit="Save" said="Settings saved" run={change(fields)} />
                </div>
              </Section>
            ))}
            {me().is_platform && value.slug !== me().tenant.slug && (
              <Section title="The end">
                <div class="panel danger-zone">
                  <div class="acts">
                    {value.status === "suspended" ? (
                      <Act name="resume-tenant" label="Resume" isQuiet about="Its people can sign in again." run={become("live")} said="Tenant resumed" />
                    ) : (
                      <Act
                        name="suspend-tenant"
                        label="Suspend"
                        isQuiet
                        about="Every session ends, and nobody can sign in until it is resumed. Nothing is deleted."
                        run={become("suspended")}
                        said="Tenant suspended"
                      />
                    )}
                    <Act
                      name="end-every-session"
                      label="Sign everybody out"
                      isQuiet
                      about="Every session of the tenant ends."
                      run={() => api.send("DELETE", path("tenants", tenant, "sessions"))}
                      said="Everybody is signed out"
                    />
                    <Act
                      name="delete-tenant"
                      label="Delete tenant"
                      isDangerous
                      about="Its users, clients, sessions and limits are deleted. There is no way back."
                      fields={[{ name: "confirm", label: "To be sure", kind: "exactly", text: tenant, isRequired: true }]}
                      run={async (values) => {
                        if (values.confirm?.trim() !== tenant) throw new Error(`Type ${tenant} to go on.`);
                        await api.send("DELETE", base);
                      }}
                      said={`Tenant ${tenant} deleted`}
                      onDone={() => go("/admin/tenants")}
                    />
                  </div>
                </div>
              </Section>
            )}
          </>
        )}
      </Show>
    </Page>
  );
}
