-- Version 4: deliverables that are signed copies.

-- Signed copies that were delivered. A row stays when its file is replaced: an earlier deliverable is kept
-- under another name.
CREATE TABLE seals (
    file TEXT PRIMARY KEY, -- digest of the copy
    film TEXT NOT NULL,    -- digest of the artifact that it is a copy of
    seal TEXT NOT NULL     -- digest of what was decided: who signs, and what is told
) STRICT, WITHOUT ROWID;

-- The copy that was written, where the deliverable is not the artifact itself.
ALTER TABLE finals ADD COLUMN sealed TEXT REFERENCES seals (file);
