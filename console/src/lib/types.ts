// What does the admin API tell? Its description is docs/openapi.json.

export interface Me {
  sub: string;
  kind: "user" | "client";
  name: string | null;
  email: string | null;
  tenant: { id: string; slug: string; name: string; issuer: string };
  is_platform: boolean;
  auth_time: number | string | null;
  expires_at: number | string;
}

export interface TenantSummary {
  id: string;
  slug: string;
  status: "live" | "suspended" | "deleting";
  issuer: string;
  hostnames: string[];
  created_at: string;
}

export type Tenant = TenantSummary & { name: string } & Record<string, unknown>;

export type Client = {
  client_id: string;
  client_name?: string;
  client_id_issued_at: number;
  client_secret?: string;
  client_secret_expires_at?: number;
  grant_types?: string[];
  redirect_uris?: string[];
  token_endpoint_auth_method?: string;
  scope?: string;
} & Record<string, unknown>;

export type User = {
  sub: string;
  status: "active" | "disabled";
  roles: string[];
  has_password: boolean;
  created_at: string;
  name?: string;
  email?: string;
  email_verified?: boolean;
} & Record<string, unknown>;

export interface Session {
  sid: string;
  user_agent: string | null;
  address: string | null;
  place: string | null;
  began_at: string;
  used_at: string | null;
  used_from: string | null;
}

export type Policy = {
  name: string;
  mode: "enforce" | "shadow";
  version: number;
  updated_at: string;
  rules: ({ name: string; type: string } & Record<string, unknown>)[];
  overrides: unknown[];
} & Record<string, unknown>;

export interface Counted {
  at: string;
  admitted: number;
  refused: number;
  shadow_refused: number;
  degraded: number;
}

export interface Usage {
  policy: string;
  minutes: Counted[];
  offenders: { subject: string; refused: number; surplus: number }[];
}

export interface Bucket {
  bucket: string;
  effect: "limit" | "exempt" | "block" | null;
  rules: {
    rule: string;
    scope: string | null;
    limit: number;
    window_ms: number;
    remaining: number;
    full_at: string;
    refuses_until: string | null;
  }[];
}

export interface Epoch {
  epoch: number;
  state: "announced" | "signing" | "retiring";
  announced_at: string;
  signs_from: string;
  retires_at: string | null;
}

export interface Act {
  id: string;
  at: string | number;
  event: string;
  actor: { kind: string; id: string };
  target: { kind: string; id: string };
  outcome: string;
  reason: string | null;
  address: string | null;
  user_agent: string | null;
  request_id: string;
}

export interface Counts {
  kind: string;
  live: number;
  ended: number;
}

export interface Born {
  kind: string;
  name: string;
  tenant: string | null;
  state: "live" | "ended";
  born_at: string | number | null;
  ended_at: string | number | null;
}

export interface Snapshot {
  kind: string;
  name: string;
  schema: number | null;
  bytes: number;
  rows: [string, number][];
  jobs: Record<string, unknown>[];
  alarm: number | null;
  outbox: Record<string, unknown>;
  sockets: { tags: string[]; since: number }[];
  sockets_open: number;
  activation: {
    since: number;
    messages: number;
    heard: number;
    faults: number;
    recent: { name: string; at: number; request: string | null; fault: string | null; duration_ms?: number }[];
  };
  state: unknown;
}
