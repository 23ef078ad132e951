-- The tenant itself: one row. `version` grows with whatever gateways cache;
-- `status_change` numbers the directory's news; sessions that began until
-- `ends_until_ms` are being ended, a page at a time.
CREATE TABLE tenant (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL,
    settings TEXT NOT NULL,
    status TEXT NOT NULL,
    status_change INTEGER NOT NULL,
    version INTEGER NOT NULL,
    ends_until_ms INTEGER,
    founded_ms INTEGER NOT NULL
) STRICT;

-- `secret` and `registration_token` are digests.
CREATE TABLE client (
    id TEXT PRIMARY KEY,
    metadata TEXT NOT NULL,
    dynamic INTEGER NOT NULL,
    secret BLOB,
    registration_token BLOB,
    created_ms INTEGER NOT NULL,
    last_used_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX client_unused ON client (created_ms) WHERE dynamic = 1 AND last_used_ms IS NULL;

-- Clients that are no more, and up to which session their grants have been
-- ended.
CREATE TABLE farewell (
    client TEXT PRIMARY KEY,
    told BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- `email_key` is the address in lower case, `password` a PHC string.
CREATE TABLE user (
    id BLOB PRIMARY KEY,
    email_key TEXT NOT NULL UNIQUE,
    claims TEXT NOT NULL,
    password TEXT,
    status TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX user_admin ON user (id) WHERE instr(roles, '"admin"') > 0;

-- The operator's invitation to the first administrator; `token` is a digest.
CREATE TABLE setup (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    email TEXT NOT NULL,
    token BLOB NOT NULL,
    is_used INTEGER NOT NULL
) STRICT;

CREATE TABLE consent (
    user BLOB NOT NULL,
    client TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (user, client)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_client ON consent (client);

-- Whose sessions live where. A place is reserved when the user is admitted and
-- confirmed when the session says that it began.
CREATE TABLE session (
    id BLOB PRIMARY KEY,
    user BLOB NOT NULL,
    device TEXT NOT NULL,
    began_ms INTEGER NOT NULL,
    is_confirmed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user, began_ms);
CREATE INDEX session_began ON session (began_ms);
CREATE INDEX session_reserved ON session (began_ms) WHERE is_confirmed = 0;
