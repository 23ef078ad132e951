-- Messages to other actors, written in the turn that decided them.
CREATE TABLE outbox (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    message BLOB NOT NULL,
    written_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    dead INTEGER NOT NULL,
    last_error TEXT
) STRICT, WITHOUT ROWID;

-- Deliveries already handled: a repeated one changes nothing.
CREATE TABLE inbox (
    id BLOB PRIMARY KEY,
    seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the actor's one alarm is set for.
CREATE TABLE job (
    name TEXT PRIMARY KEY,
    due_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT
) STRICT, WITHOUT ROWID;
