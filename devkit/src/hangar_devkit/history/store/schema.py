"""The tables of the store. The columns of a run are the fields of `records.Run`."""

from typing import Final, get_type_hints

from hangar_devkit.history.records import Run

VERSION: Final = 4

_TYPES: Final = {str: "TEXT", float: "REAL", int: "INTEGER", bool: "INTEGER"}
RUN_COLUMNS: Final = ", ".join(f'"{name}"' for name in Run._fields)
"""Quoted, since `commit` is a word of SQL."""
_RUN_DEFINITIONS: Final = ",\n    ".join(
    f'"{name}" {_TYPES[type_]} NOT NULL' for name, type_ in get_type_hints(Run).items()
)

_FORMER: Final = """
-- Names of classes that were merged into another one, so that an old name still finds it.
CREATE TABLE former (name TEXT PRIMARY KEY, class INTEGER NOT NULL) WITHOUT ROWID;
"""

SCHEMA: Final = f"""
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    {_RUN_DEFINITIONS},
    tests INTEGER NOT NULL DEFAULT 0,
    broken INTEGER NOT NULL DEFAULT 0,
    UNIQUE (uid)
);
CREATE INDEX run_started ON run (started);

CREATE TABLE test (
    id INTEGER PRIMARY KEY,
    nodeid TEXT NOT NULL UNIQUE,
    subtest INTEGER NOT NULL
);

CREATE TABLE content (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);

-- One row for each attempt; the run comes first, so that its rows are stored side by side.
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

-- What a failure showed; failures of several runs that showed the same share a row.
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

-- The names of error classes, which must not change; all else about them is computed.
CREATE TABLE class (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    title TEXT NOT NULL,
    first_run INTEGER NOT NULL,
    algorithm TEXT NOT NULL
);
{_FORMER}
"""

STEPS: Final = {
    1: (
        "ALTER TABLE run ADD COLUMN zone TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE run ADD COLUMN seed TEXT NOT NULL DEFAULT ''",
    ),
    2: (
        'ALTER TABLE run RENAME COLUMN revision TO "commit"',
        "ALTER TABLE class DROP COLUMN path",
        "ALTER TABLE class DROP COLUMN line",
        "ALTER TABLE class DROP COLUMN function",
        "ALTER TABLE class DROP COLUMN state",
        "ALTER TABLE class DROP COLUMN last_run",
        "DROP TABLE flaky",
        "DROP TABLE queue",
    ),
    3: (_FORMER.strip().partition("\n")[2],),
}
"""Statements that migrate a store from a version to the next one."""
