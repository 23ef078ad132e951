-- How many actors each shard of the registry has last counted.
CREATE TABLE counted (
    shard TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
