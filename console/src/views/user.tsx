// Who is this, how do they sign in, and where are they signed in?

import { api, go } from "../app.ts";
import { path } from "../lib/api.ts";
import { patch, type Field } from "../lib/fields.ts";
import { device } from "../lib/format.ts";
import { to } from "../lib/route.ts";
import type { Session, User as Document } from "../lib/types.ts";
import { Act, Form } from "../ui/form.tsx";
import { useFeed, useGet, useList } from "../ui/hooks.ts";
import { Badge, Facts, Id, Nothing, Page, Section, Show, Table, Time } from "../ui/parts.tsx";

const PROFILE: Field[] = [
  { name: "email", label: "E-mail address", kind: "email", isRequired: true },
  { name: "email_verified", label: "The address is verified", kind: "yes" },
  { name: "name", label: "Name" },
  { name: "given_name", label: "Given name" },
  { name: "family_name", label: "Family name" },
  { name: "roles", label: "Roles", kind: "words", options: ["admin"], hint: "Administrators may use this console." },
];
const PASSWORD: Field[] = [{ name: "password", label: "New password", kind: "password", isRequired: true }];

export function User({ tenant, sub }: { tenant: string; sub: string }) {
  const base = path("tenants", tenant, "users", sub);
  const user = useGet<Document>(base);
  const change = async (members: Record<string, unknown>) => user.put(await api.send<Document>("PATCH", base, members));
  const list = to("tenants", tenant, "users");
  return (
    <Page title={user.value?.email ?? user.value?.name ?? sub} up={["Users", list]}>
      <Show of={user}>
        {(value) => (
          <>
            <Facts
              of={[
                ["Status", <Badge>{value.status}</Badge>],
                ["Id", <Id>{value.sub}</Id>],
                ["Created", <Time at={value.created_at} />],
              ]}
            />
            <Section title="Profile">
              <div class="panel">
                <Form name="change-user" fields={PROFILE} of={value} submit="Save" said="User saved" run={(values) => change(patch(PROFILE, values, value))} />
              </div>
            </Section>
            <Section title="Factors">
              <ul class="rows">
                <li>
                  <div class="grow">
                    <strong>Password</strong>
                    <p>{value.has_password ? "Set; only its hash is kept." : "None: the account cannot be signed in to with one."}</p>
                  </div>
                  <Act
                    name="reset-password"
                    label={value.has_password ? "Reset password" : "Set password"}
                    isQuiet
                    isSmall
                    about="Every session of the user ends."
                    fields={PASSWORD}
                    run={({ password }) => change({ password })}
                    said="Password set"
                  />
                </li>
              </ul>
            </Section>
            <Sessions tenant={tenant} sub={sub} />
            <Section title="Access">
              <div class="panel acts">
                {value.status === "active" ? (
                  <Act name="disable-user" label="Disable" isQuiet about="Every session ends, and the account cannot be signed in to." run={() => change({ status: "disabled" })} said="User disabled" />
                ) : (
                  <Act name="enable-user" label="Enable" isQuiet about="The account can be signed in to again." run={() => change({ status: "active" })} said="User enabled" />
                )}
                <Act name="delete-user" label="Delete user" isDangerous about="The account and its sessions are deleted. There is no way back." run={() => api.send("DELETE", base)} said="User deleted" onDone={() => go(list)} />
              </div>
            </Section>
          </>
        )}
      </Show>
    </Page>
  );
}

function Sessions({ tenant, sub }: { tenant: string; sub: string }) {
  const base = path("tenants", tenant, "users", sub, "sessions");
  const sessions = useList<Session>(base);
  useFeed(path("tenants", tenant, "live"), (frame) => {
    if (frame.type === "hello" || (frame.type === "session" && frame.sub === sub)) sessions.reload();
  });
  const all = sessions.value && sessions.value.length > 0 && (
    <Act name="end-sessions" label="End all" isQuiet isSmall about="The user is signed out everywhere." run={() => api.send("DELETE", base)} said="All sessions ended" onDone={sessions.reload} />
  );
  return (
    <Section title="Sessions" acts={all || undefined}>
      <Table
        of={sessions}
        label="Sessions"
        id={({ sid }) => sid}
        columns={[
          { head: "Device", cell: ({ user_agent }) => device(user_agent) },
          { head: "From", cell: ({ address, place }) => [place, address].filter(Boolean).join(" · ") || "—" },
          { head: "Began", cell: ({ began_at }) => <Time at={began_at} /> },
          { head: "Used", cell: ({ used_at }) => <Time at={used_at} /> },
          {
            head: "End",
            cell: ({ sid, user_agent }) => (
              <Act name={`end-session-${sid}`} label="End" title="End session" on={device(user_agent)} isQuiet isSmall about="Its tokens are refused at once." run={() => api.send("DELETE", `${base}/${encodeURIComponent(sid)}`)} said="Session ended" onDone={sessions.reload} />
            ),
          },
        ]}
        empty={<Nothing icon="laptop" title="Not signed in anywhere" />}
      />
    </Section>
  );
}
