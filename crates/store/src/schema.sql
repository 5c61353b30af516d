-- The ledger, version 1. Digests are 64 lower-case hexadecimal digits; times are milliseconds since
-- 1970, UTC; JSON columns are named in their comments.

-- One row per invocation that performs steps.
CREATE TABLE runs (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    episode  TEXT NOT NULL,
    output   TEXT NOT NULL,
    holder   TEXT NOT NULL,    -- the command that ran it
    began_at INTEGER NOT NULL,
    ended_at INTEGER,          -- missing: under way, or its process was killed
    summary  TEXT              -- JSON of `RunSummary`
) STRICT;

-- What happened in a run, in order. `step.progress` is not kept.
CREATE TABLE events (
    run    INTEGER NOT NULL REFERENCES runs (id),
    number INTEGER NOT NULL,   -- from 1, without gaps
    at     INTEGER NOT NULL,
    event  TEXT NOT NULL,      -- JSON of `Event`
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

-- The recipe of everything made. A key has at most one row that is not forgotten; the same key made
-- twice with different results has a row for each.
CREATE TABLE steps (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    key          TEXT NOT NULL,
    outcome      TEXT NOT NULL,  -- digest of output and artifacts
    kind         TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    slot         TEXT NOT NULL,
    engine       TEXT NOT NULL,
    params       TEXT NOT NULL,  -- JSON: what the key was computed from
    output       TEXT NOT NULL,  -- JSON
    weight       INTEGER NOT NULL, -- bytes of JSON that finding it by key reads
    made_at      INTEGER NOT NULL,
    took_ms      INTEGER NOT NULL,
    cost_micros  INTEGER NOT NULL,
    seed         INTEGER,
    licence      TEXT,
    run          INTEGER REFERENCES runs (id),
    forgotten_at INTEGER,        -- set: a take still, but never found by key
    UNIQUE (key, outcome)
) STRICT;
CREATE UNIQUE INDEX steps_live ON steps (key) WHERE forgotten_at IS NULL;
CREATE INDEX steps_slot ON steps (slot);

-- What a step put into the vault, in its order.
CREATE TABLE artifacts (
    step       INTEGER NOT NULL REFERENCES steps (id),
    position   INTEGER NOT NULL,
    digest     TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    PRIMARY KEY (step, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifacts_digest ON artifacts (digest);

-- What a step read, in its order.
CREATE TABLE inputs (
    step     INTEGER NOT NULL REFERENCES steps (id),
    position INTEGER NOT NULL,
    digest   TEXT NOT NULL,
    PRIMARY KEY (step, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX inputs_digest ON inputs (digest);

-- Every step that ever filled a slot: a step may fill several.
CREATE TABLE takes (
    slot TEXT NOT NULL,
    step INTEGER NOT NULL REFERENCES steps (id),
    PRIMARY KEY (slot, step)
) STRICT, WITHOUT ROWID;

-- The step that filled a slot last.
CREATE TABLE slots (
    slot TEXT PRIMARY KEY,
    step INTEGER NOT NULL REFERENCES steps (id)
) STRICT, WITHOUT ROWID;

-- Answers to gates. The latest answer about a digest holds.
CREATE TABLE answers (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    episode TEXT NOT NULL,
    gate    TEXT NOT NULL,
    digest  TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'reject')),
    who     TEXT NOT NULL,
    at      INTEGER NOT NULL,
    note    TEXT
) STRICT;
CREATE INDEX answers_of ON answers (episode, gate, digest);

-- Failed attempts at a key since it last succeeded.
CREATE TABLE attempts (
    key        TEXT PRIMARY KEY,
    failed     INTEGER NOT NULL,
    error      TEXT NOT NULL,    -- of the last
    not_before INTEGER NOT NULL, -- when the next may start
    at         INTEGER NOT NULL  -- of the last
) STRICT, WITHOUT ROWID;

-- What a person's choices of takes replaced: the stack that undo pops.
CREATE TABLE choices (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    episode  TEXT NOT NULL,
    slot     TEXT NOT NULL,
    previous TEXT,               -- JSON of `LockedTake`; missing where no take was locked
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX choices_of ON choices (episode, slot);

-- Digests of the user's files by what stat(2) says of them, so that they are not hashed again.
CREATE TABLE files (
    path      TEXT PRIMARY KEY,  -- relative to the show's folder
    dev       INTEGER NOT NULL,
    ino       INTEGER NOT NULL,
    size      INTEGER NOT NULL,
    mtime_ns  INTEGER NOT NULL,
    ctime_ns  INTEGER NOT NULL,
    hashed_at INTEGER NOT NULL,
    digest    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The deliverables as they were last written.
CREATE TABLE finals (
    path       TEXT PRIMARY KEY, -- relative to the show's folder
    digest     TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    mtime_ns   INTEGER NOT NULL,
    written_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX finals_digest ON finals (digest);
