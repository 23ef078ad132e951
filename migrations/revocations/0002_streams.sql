-- Streams of Shared Signals. `document` is what anybody may see of one;
-- `header` is sealed. A batch is on its way since `sent_ms`.
CREATE TABLE stream (
    id BLOB PRIMARY KEY,
    client TEXT NOT NULL,
    tenant BLOB NOT NULL,
    document TEXT NOT NULL,
    header BLOB,
    verified_ms INTEGER,
    next INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    sent_ms INTEGER,
    failures INTEGER NOT NULL,
    last_error TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX stream_client ON stream (client);

-- What each stream has still to deliver, oldest first.
CREATE TABLE stream_set (
    stream BLOB NOT NULL,
    seq INTEGER NOT NULL,
    jti BLOB NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX stream_set_jti ON stream_set (stream, jti);

-- Subjects whose events a receiver does not want.
CREATE TABLE stream_mute (
    stream BLOB NOT NULL,
    topic TEXT NOT NULL,
    PRIMARY KEY (stream, topic)
) STRICT, WITHOUT ROWID;
