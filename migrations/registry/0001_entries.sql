-- Which actors there are, and which there were a moment ago. What is asked for
-- is always a range of names of one kind and state.
CREATE TABLE entry (
    kind TEXT NOT NULL,
    is_live INTEGER NOT NULL,
    name TEXT NOT NULL,
    born_ms INTEGER,
    ended_ms INTEGER,
    PRIMARY KEY (kind, is_live, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_ended ON entry (ended_ms) WHERE is_live = 0;

-- How many there are: of every owner, and of all together under ''.
CREATE TABLE tally (
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    live INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (owner, kind)
) STRICT, WITHOUT ROWID;
