-- Where the session began, for those who must be told when it ends; empty for
-- one that began before this was kept. `seen` is the device it was last used
-- from, `told_ms` when the tenant was last told of that.
ALTER TABLE session ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN seen TEXT;
ALTER TABLE session ADD COLUMN told_ms INTEGER NOT NULL DEFAULT 0;

-- One-time tickets with which a page of another origin attaches a socket.
CREATE TABLE ticket (
    digest BLOB PRIMARY KEY,
    origin TEXT NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
