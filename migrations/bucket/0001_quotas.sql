-- What is left under each rule. A rule is known by its place in the policy and
-- by its numbers, so that a changed rule begins afresh.
CREATE TABLE quota (
    place INTEGER NOT NULL,
    period_ms INTEGER NOT NULL,
    burst INTEGER NOT NULL,
    next_ms INTEGER NOT NULL,
    PRIMARY KEY (place, period_ms, burst)
) STRICT, WITHOUT ROWID;
