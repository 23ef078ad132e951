-- What has been done here, newest last; a record's own time is the asker's.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at_ms);
