-- Up to which record of an act the archive has been told.
ALTER TABLE tenant ADD COLUMN archived_seq INTEGER NOT NULL DEFAULT 0;
