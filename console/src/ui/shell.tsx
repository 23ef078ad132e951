// What stands around every view, and which view is it?

import { useEffect, useState } from "preact/hooks";
import { done, enter, live, me, phase, place, signIn } from "../app.ts";
import { match, to } from "../lib/route.ts";
import type { Me } from "../lib/types.ts";
import { Actor } from "../views/actor.tsx";
import { Actors } from "../views/actors.tsx";
import { Archive } from "../views/archive.tsx";
import { Audit } from "../views/audit.tsx";
import { Bucket } from "../views/bucket.tsx";
import { Client } from "../views/client.tsx";
import { Clients } from "../views/clients.tsx";
import { Keys } from "../views/keys.tsx";
import { Overview } from "../views/overview.tsx";
import { NewPolicy, Policy } from "../views/policy.tsx";
import { Policies } from "../views/policies.tsx";
import { Sessions } from "../views/sessions.tsx";
import { Settings } from "../views/settings.tsx";
import { TenantOverview } from "../views/tenant_overview.tsx";
import { Tenants } from "../views/tenants.tsx";
import { User } from "../views/user.tsx";
import { Users } from "../views/users.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { Nothing, Page } from "./parts.tsx";

type View = (props: Record<string, string>) => preact.ComponentChildren;

/** Every address and its view. Those of the platform come first. */
const PLATFORM: [string, View][] = [
  ["/admin", () => <Overview />],
  ["/admin/tenants", () => <Tenants />],
  ["/admin/keys", () => <Keys />],
];
const VIEWS: [string, View][] = [
  ["/admin", () => <TenantOverview tenant={me().tenant.slug} />],
  ["/admin/tenants/:tenant", ({ tenant }) => <TenantOverview tenant={tenant!} />],
  ["/admin/tenants/:tenant/settings", ({ tenant }) => <Settings tenant={tenant!} />],
  ["/admin/tenants/:tenant/clients", ({ tenant }) => <Clients tenant={tenant!} />],
  ["/admin/tenants/:tenant/clients/:id", ({ tenant, id }) => <Client tenant={tenant!} id={id!} />],
  ["/admin/tenants/:tenant/users", ({ tenant }) => <Users tenant={tenant!} />],
  ["/admin/tenants/:tenant/users/:sub", ({ tenant, sub }) => <User tenant={tenant!} sub={sub!} />],
  ["/admin/tenants/:tenant/sessions", ({ tenant }) => <Sessions tenant={tenant!} />],
  ["/admin/tenants/:tenant/policies", ({ tenant }) => <Policies tenant={tenant!} />],
  ["/admin/tenants/:tenant/policies/new", ({ tenant }) => <NewPolicy tenant={tenant!} />],
  ["/admin/tenants/:tenant/policies/:name", ({ tenant, name }) => <Policy tenant={tenant!} name={name!} />],
  ["/admin/tenants/:tenant/buckets", ({ tenant }) => <Bucket tenant={tenant!} />],
  ["/admin/tenants/:tenant/audit", ({ tenant }) => <Audit tenant={tenant!} />],
  ["/admin/actors", () => <Actors />],
  ["/admin/actors/:kind/:name", ({ kind, name }) => <Actor kind={kind!} name={name!} />],
  ["/admin/archive", () => <Archive />],
];

function viewAt(path: string, isPlatform: boolean): preact.ComponentChildren {
  for (const [pattern, view] of isPlatform ? [...PLATFORM, ...VIEWS] : VIEWS) {
    const named = match(pattern, path);
    // A key makes another address another view, with state of its own.
    if (named) return <Keyed key={path} view={() => view(named)} />;
  }
  return (
    <Page key={path} title="Nothing here">
      <Nothing title="There is no such view">
        <a href="/admin">Overview</a>
      </Nothing>
    </Page>
  );
}

const Keyed = ({ view }: { view: () => preact.ComponentChildren }) => <>{view()}</>;

export function Shell() {
  const current = phase.value;
  if (current.is === "starting") return <Blank />;
  return current.is === "out" ? <WayIn why={current.why} /> : <Inside me={current.me} />;
}

const Blank = () => (
  <main class="stage" aria-busy="true">
    <p class="sr">Looking for your session</p>
  </main>
);

function WayIn({ why }: { why: string | undefined }) {
  useEffect(() => {
    document.title = "Sign in · Console";
  }, []);
  return (
    <main class="stage">
      <div class="card">
        <span class="brand">
          <span class="mark" aria-hidden="true">
            a2
          </span>
          {location.host}
        </span>
        <h1>Console</h1>
        <p class="lead">Tenants, sessions, limits and keys, as they are at this moment.</p>
        {why && (
          <p class="alert" role="alert">
            <Icon name="wrong" />
            <span>{why}</span>
          </p>
        )}
        <button type="button" class="button" onClick={() => void enter()}>
          Sign in
        </button>
      </div>
    </main>
  );
}

type Entry = [string, IconName, string];

const ofPlatform: Entry[] = [
  ["Overview", "grid", "/admin"],
  ["Tenants", "tenants", "/admin/tenants"],
  ["Keys", "key", "/admin/keys"],
  ["Actors", "actors", "/admin/actors"],
  ["Archive", "archive", "/admin/archive"],
];

function ofTenant(slug: string): Entry[] {
  return [
    ["Overview", "grid", to("tenants", slug)],
    ["Clients", "client", to("tenants", slug, "clients")],
    ["Users", "person", to("tenants", slug, "users")],
    ["Sessions", "laptop", to("tenants", slug, "sessions")],
    ["Rate limits", "gauge", to("tenants", slug, "policies")],
    ["Audit log", "log", to("tenants", slug, "audit")],
    ["Settings", "settings", to("tenants", slug, "settings")],
  ];
}

/** Whether an entry is where we are, or on the way there. */
function isAt(path: string, href: string, all: Entry[]): boolean {
  // A bucket is found among the rate limits.
  const asked = path.replace(/\/buckets$/, "/policies");
  const under = (at: string, name: string) => asked === at || (name !== "Overview" && asked.startsWith(`${at}/`));
  const best = all.filter(([name, , at]) => under(at, name)).sort((a, b) => b[2].length - a[2].length)[0];
  return best?.[2] === href;
}

function Links({ entries, all }: { entries: Entry[]; all: Entry[] }) {
  const { path } = place.value;
  return (
    <ul>
      {entries.map(([name, icon, href]) => (
        <li key={href}>
          <a href={href} aria-current={isAt(path, href, all) ? "page" : undefined}>
            <Icon name={icon} /> {name}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Navigation({ me }: { me: Me }) {
  const inTenant = /^\/admin\/tenants\/([^/]+)/.exec(place.value.path)?.[1];
  const slug = inTenant ? decodeURIComponent(inTenant) : me.is_platform ? undefined : me.tenant.slug;
  const tenant = slug === undefined ? [] : ofTenant(slug);
  const others: Entry[] = me.is_platform ? ofPlatform : ofPlatform.filter(([name]) => name === "Actors" || name === "Archive");
  const all = [...others, ...tenant];
  return (
    <>
      {me.is_platform && <Links entries={others} all={all} />}
      {slug !== undefined && (
        <>
          <p class="nav-title">{slug}</p>
          <Links entries={tenant} all={all} />
        </>
      )}
      {!me.is_platform && <Links entries={others} all={all} />}
    </>
  );
}

function Inside({ me }: { me: Me }) {
  const { path } = place.value;
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <div class="console">
      <a class="skip" href="#main">
        Skip to the view
      </a>
      <header class="bar">
        <button type="button" class="menu" aria-expanded={isOpen} aria-controls="navigation" onClick={() => setOpen(!isOpen)}>
          <Icon name="menu" />
          <span class="sr">Menu</span>
        </button>
        <a class="brand" href="/admin">
          <span class="mark" aria-hidden="true">
            {me.tenant.name.charAt(0).toUpperCase()}
          </span>
          <span class="brand-name">{me.tenant.name}</span>
        </a>
        <LiveMark />
        <span class="who" title={me.email ?? me.sub}>
          {me.name ?? me.email ?? me.sub}
        </span>
        <button type="button" class="plain" onClick={() => signIn.leaveForGood()}>
          <Icon name="exit" /> <span>Sign out</span>
        </button>
      </header>
      <nav id="navigation" class={isOpen ? "open" : undefined} aria-label="Console">
        <Navigation me={me} />
      </nav>
      <main id="main" tabIndex={-1}>
        {viewAt(path, me.is_platform)}
      </main>
      <Done />
    </div>
  );
}

const STANDS = { live: "Live", connecting: "Connecting", reconnecting: "Reconnecting" };

function LiveMark() {
  const status = live.value;
  return (
    <span class={`live ${status ?? ""}`} role="status">
      {status && STANDS[status]}
    </span>
  );
}

/** What was just done, for a while. */
function Done() {
  const text = done.value;
  useEffect(() => {
    if (text === "") return;
    const timer = setTimeout(() => (done.value = ""), 6_000);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="done" role="status">
      {text && (
        <p>
          <Icon name="check" /> {text}
        </p>
      )}
    </div>
  );
}
