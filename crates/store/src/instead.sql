-- Version 7: what was made or ordered in the place of another engine's.

-- JSON: the engine that was asked first, and why it took no order; NULL where that one made it.
ALTER TABLE steps ADD COLUMN instead TEXT;
-- 1: a person let go of that, and the first is asked again.
ALTER TABLE steps ADD COLUMN let_go INTEGER NOT NULL DEFAULT 0;
-- The same of what is ordered.
ALTER TABLE jobs ADD COLUMN instead TEXT;
