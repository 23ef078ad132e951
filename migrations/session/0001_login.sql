-- The login itself: one row.
CREATE TABLE session (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    tenant BLOB NOT NULL,
    session BLOB NOT NULL,
    user BLOB NOT NULL,
    cookie BLOB NOT NULL,
    authentication TEXT NOT NULL,
    device TEXT NOT NULL,
    began_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    idle_ms INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL,
    family_key BLOB NOT NULL,
    ending TEXT
) STRICT;

-- What the user is known to have allowed clients: a memory of the tenant's.
CREATE TABLE consent (
    client_id TEXT PRIMARY KEY,
    consent TEXT NOT NULL,
    heard_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Authorization codes nobody has redeemed.
CREATE TABLE code (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    client_id TEXT NOT NULL,
    terms TEXT NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What redeemed codes became, each with its refresh tokens, if it has any.
CREATE TABLE client_grant (
    id BLOB PRIMARY KEY,
    client_id TEXT NOT NULL,
    code_id BLOB NOT NULL,
    code_digest BLOB NOT NULL,
    terms TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    generation INTEGER,
    current BLOB,
    previous BLOB,
    family_ends_ms INTEGER,
    family_idle_ms INTEGER
) STRICT, WITHOUT ROWID;

-- Access tokens revoked one by one.
CREATE TABLE revoked_token (
    jti TEXT PRIMARY KEY,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
