-- Version 6: which of several servers an order went to.

-- Its address; NULL where nobody wrote it down.
ALTER TABLE jobs ADD COLUMN server TEXT;
