-- The log itself: one row. `head_seq` is where it ends, `floor_seq` the last
-- record whose contents are gone.
CREATE TABLE log (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL,
    head_seq INTEGER NOT NULL,
    floor_seq INTEGER NOT NULL,
    appended INTEGER NOT NULL,
    retention_ms INTEGER NOT NULL,
    ends_ms INTEGER
) STRICT;

-- Its records. `exp_s` is missing where nothing was taken away; `revoked`, the
-- record as a snapshot shows it, there too, and once it was purged. What is left
-- then keeps a repeated delivery from standing twice.
CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    event BLOB NOT NULL UNIQUE,
    exp_s INTEGER,
    revoked TEXT
) STRICT;

-- Each record's security event token for each issuer of the tenant.
CREATE TABLE token (
    seq INTEGER NOT NULL,
    issuer TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (seq, issuer)
) STRICT, WITHOUT ROWID;

-- Issuers at which feeds have been opened.
CREATE TABLE issuer (
    issuer TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
