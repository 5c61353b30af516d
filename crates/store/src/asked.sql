-- Version 3: what gates asked.

-- What a run asked a person about, each thing by its own digest. It is open until there is an answer that
-- is not older.
CREATE TABLE asked (
    episode TEXT NOT NULL,
    gate    TEXT NOT NULL,
    digest  TEXT NOT NULL,
    film    TEXT NOT NULL,     -- the output that was made, for a dub with `@` and its language: `main`, `tall@es`
    at      INTEGER NOT NULL,  -- when it was first asked since the last answer
    PRIMARY KEY (episode, gate, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_key ON jobs (key);
