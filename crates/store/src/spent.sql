-- Version 5: what is spent is kept, and not summed up again for each order.

-- What counts against budgets, of all jobs together: of the show, of each episode, day and run.
CREATE TABLE spent (
    what   TEXT NOT NULL,    -- `show`, `episode`, `day`, `run`
    which  TEXT NOT NULL,    -- of them; empty for the show
    micros INTEGER NOT NULL,
    PRIMARY KEY (what, which)
) STRICT, WITHOUT ROWID;
INSERT INTO spent (what, which, micros)
    SELECT 'show', '', coalesce(sum(charge), 0) FROM jobs
    UNION ALL SELECT 'episode', episode, sum(charge) FROM jobs GROUP BY episode
    UNION ALL SELECT 'day', day, sum(charge) FROM jobs GROUP BY day
    UNION ALL SELECT 'run', run, sum(charge) FROM jobs GROUP BY run;

-- Whatever writes a job, in the same transaction.
CREATE TRIGGER jobs_reserved AFTER INSERT ON jobs BEGIN
    INSERT INTO spent (what, which, micros) VALUES
        ('show', '', NEW.charge),
        ('episode', NEW.episode, NEW.charge),
        ('day', NEW.day, NEW.charge),
        ('run', NEW.run, NEW.charge)
        ON CONFLICT (what, which) DO UPDATE SET micros = micros + excluded.micros;
END;
CREATE TRIGGER jobs_charged AFTER UPDATE OF charge ON jobs WHEN NEW.charge <> OLD.charge BEGIN
    INSERT INTO spent (what, which, micros) VALUES
        ('show', '', NEW.charge - OLD.charge),
        ('episode', NEW.episode, NEW.charge - OLD.charge),
        ('day', NEW.day, NEW.charge - OLD.charge),
        ('run', NEW.run, NEW.charge - OLD.charge)
        ON CONFLICT (what, which) DO UPDATE SET micros = micros + excluded.micros;
END;

-- The jobs that take a place.
CREATE INDEX jobs_under_way ON jobs (account) WHERE state IN ('intent', 'submitted');
DROP INDEX jobs_of;
