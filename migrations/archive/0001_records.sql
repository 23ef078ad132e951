-- The cold archive, a D1 database. Nothing is ever authorised from it. Each
-- table keeps its records whole in `document`; the other columns are what
-- records are found by, copied from it. What is written twice is kept once.

-- Sessions that have ended; `at_ms` is when.
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    user TEXT,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX session_at ON session (at_ms, id);
CREATE INDEX session_tenant ON session (tenant, at_ms, id);
CREATE INDEX session_user ON session (user, at_ms, id);

-- What was done; `actor` did it, to `target`.
CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    event TEXT,
    actor TEXT,
    target TEXT,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at_ms, id);
CREATE INDEX audit_tenant ON audit (tenant, at_ms, id);
CREATE INDEX audit_event ON audit (tenant, event, at_ms, id);
CREATE INDEX audit_actor ON audit (actor, at_ms, id);
CREATE INDEX audit_target ON audit (target, at_ms, id);

-- Epochs of keys that are gone, and tenants that are: few, and kept for good,
-- so that an old token or record can always be placed.
CREATE TABLE key_epoch (
    id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX key_epoch_at ON key_epoch (at_ms, id);

CREATE TABLE tenant (
    id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX tenant_at ON tenant (at_ms, id);

-- Whose records are here, for how many days they stay (absent until the tenant
-- has been asked), and when the old ones were last looked for.
CREATE TABLE holder (
    tenant TEXT PRIMARY KEY,
    days INTEGER,
    swept_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX holder_swept ON holder (swept_ms, tenant);
