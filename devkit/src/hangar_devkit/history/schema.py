"""The tables of the store."""

from typing import Final

VERSION: Final = 2

SCHEMA: Final = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    started REAL NOT NULL,
    seconds REAL NOT NULL DEFAULT 0,
    revision TEXT NOT NULL,
    branch TEXT NOT NULL,
    dirty INTEGER NOT NULL,
    on_default INTEGER NOT NULL,
    platform TEXT NOT NULL,
    python TEXT NOT NULL,
    job TEXT NOT NULL,
    person TEXT NOT NULL,
    source TEXT NOT NULL,
    zone TEXT NOT NULL,
    seed TEXT NOT NULL,
    tests INTEGER NOT NULL DEFAULT 0,
    broken INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX run_started ON run (started);

CREATE TABLE test (
    id INTEGER PRIMARY KEY,
    nodeid TEXT NOT NULL UNIQUE,
    subtest INTEGER NOT NULL
);

CREATE TABLE content (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);

-- One row for each attempt; run first, so that a run's rows are appended side by side.
CREATE TABLE result (
    run INTEGER NOT NULL,
    test INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    milliseconds INTEGER NOT NULL,
    content INTEGER NOT NULL,
    position INTEGER NOT NULL,
    worker INTEGER NOT NULL,
    PRIMARY KEY (run, test, attempt)
) WITHOUT ROWID;

-- What was seen when something went wrong; the same sight in a later run is the same row.
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    exception TEXT NOT NULL,
    message TEXT NOT NULL,
    frames TEXT NOT NULL,
    trace TEXT NOT NULL
);

CREATE TABLE failure (
    run INTEGER NOT NULL,
    test INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    phase TEXT NOT NULL,
    evidence INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    class INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, test, attempt, phase)
) WITHOUT ROWID;
CREATE INDEX failure_test ON failure (test);
CREATE INDEX failure_class ON failure (class, run);

CREATE TABLE class (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    title TEXT NOT NULL,
    path TEXT NOT NULL,
    line INTEGER NOT NULL,
    function TEXT NOT NULL,
    state TEXT NOT NULL,
    first_run INTEGER NOT NULL,
    last_run INTEGER NOT NULL,
    algorithm TEXT NOT NULL
);

CREATE TABLE flaky (
    test INTEGER PRIMARY KEY,
    verdict TEXT NOT NULL,
    kind TEXT NOT NULL,
    kind_reason TEXT NOT NULL,
    runs INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    runs_needed INTEGER NOT NULL,
    reason TEXT NOT NULL
);

-- The queue as last shown, so that small changes do not reorder it.
CREATE TABLE queue (item TEXT PRIMARY KEY, place INTEGER NOT NULL, score REAL NOT NULL);
"""

STEPS: Final = {
    1: (
        "ALTER TABLE run ADD COLUMN zone TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE run ADD COLUMN seed TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE flaky ADD COLUMN kind_reason TEXT NOT NULL DEFAULT ''",
    )
}
"""What brings a store of a version to the next one."""
