-- Who exists. `status_change` grows with every change of status, so that news
-- of an older one is known to be old.
CREATE TABLE tenant (
    id BLOB PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    status_change INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Custom hostnames, lower case.
CREATE TABLE hostname (
    name TEXT PRIMARY KEY,
    tenant BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hostname_tenant ON hostname (tenant);
