-- Version 2: calls that cost money.

-- Orders at somebody else's. A row is written, with what is reserved for it, before anything is sent; it
-- is never removed, for it is what the show has cost.
CREATE TABLE jobs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT NOT NULL,      -- of the step it is for
    kind       TEXT NOT NULL,
    slot       TEXT NOT NULL,
    episode    TEXT NOT NULL,
    run        INTEGER NOT NULL,   -- which reserved it
    day        INTEGER NOT NULL,   -- on which it was reserved: days since 1970, UTC
    vendor     TEXT NOT NULL,
    model      TEXT NOT NULL,
    account    TEXT NOT NULL,      -- where its key comes from; never the key
    state      TEXT NOT NULL CHECK (state IN
        ('intent', 'submitted', 'parked', 'fetched', 'done', 'failed')),
    remote     TEXT,               -- the vendor's name for it, once known
    reserved   INTEGER NOT NULL,   -- micros: the most it may cost
    charge     INTEGER NOT NULL,   -- micros: what counts against budgets; what it cost, once known
    artifacts  TEXT NOT NULL,      -- JSON: what was fetched into the vault
    error      TEXT,               -- why it failed or is parked
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX jobs_open ON jobs (key)
    WHERE state IN ('intent', 'submitted', 'parked', 'fetched');
CREATE INDEX jobs_of ON jobs (episode, run, day);

-- Who may write: raised by each process that opens the ledger for writing. One that finds another number
-- lost its lock and writes nothing more.
CREATE TABLE writer (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL
) STRICT;
INSERT INTO writer (one, epoch) VALUES (1, 0);
