-- The epochs that are not gone, each with its root seed, sealed.
CREATE TABLE epoch (
    number INTEGER PRIMARY KEY,
    announced_ms INTEGER NOT NULL,
    signs_from_ms INTEGER NOT NULL,
    retires_ms INTEGER,
    seed BLOB NOT NULL
) STRICT;

-- The tenants' RSA keys, sealed, with the public half as a JWK.
CREATE TABLE rsa_key (
    tenant BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    public TEXT NOT NULL,
    PRIMARY KEY (tenant, epoch)
) STRICT, WITHOUT ROWID;
