-- Policies that tenants lay down for their own subjects. `policies_version`
-- counts every change of any of them, so that no policy's version ever goes
-- back, not even over its deletion.
ALTER TABLE tenant ADD COLUMN policies_version INTEGER NOT NULL DEFAULT 0;

CREATE TABLE policy (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
