-- All that is known of one subject, as one document: whatever the number of
-- rules, an admission writes one row. What `quota` holds is taken over by the
-- first rule of the same numbers, and erased with the first admission.
CREATE TABLE standing (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    document TEXT NOT NULL
) STRICT;
