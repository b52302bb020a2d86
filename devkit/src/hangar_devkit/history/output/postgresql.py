"""A PostgreSQL database that a team shares: runs are pushed to it, and pulled from it."""

import json
from collections.abc import Iterator
from typing import Any

from hangar_devkit.history.output import exchange
from hangar_devkit.history.store.store import Store

_TABLE = """
CREATE TABLE IF NOT EXISTS history_run (
    uid text PRIMARY KEY,
    started timestamptz NOT NULL,
    header jsonb NOT NULL,
    results jsonb NOT NULL
)
"""


class SharedError(Exception):
    """The shared database cannot be used; the message says why and what to do."""


def push(store: Store, url: str) -> int:
    """Send the runs that are missing in the database; return their number.

    Raises:
        SharedError: The driver is not installed, or the database cannot be used.
    """
    with _Connection(url) as connection:
        connection.execute(_TABLE)
        known = [row[0] for row in connection.execute("SELECT uid FROM history_run")]
        sent: int = 0
        for uid, lines in exchange.runs(store, known):
            header, *results = lines
            sent += connection.execute(
                "INSERT INTO history_run VALUES (%s, to_timestamp(%s), %s::jsonb, %s::jsonb)"
                " ON CONFLICT (uid) DO NOTHING",
                (uid, header["started"], _text(header), _text(results)),
            ).rowcount
        return sent


def pull(store: Store, url: str) -> int:
    """Fetch the runs that are missing in the store; return their number.

    Raises:
        SharedError: The driver is not installed, or the database cannot be used.
    """
    known = [row[0] for row in store.connection.execute("SELECT uid FROM run")]
    with _Connection(url) as connection:
        connection.execute(_TABLE)
        rows = connection.execute(
            "SELECT header, results FROM history_run WHERE uid <> ALL (%s) ORDER BY started",
            (known,),
        ).fetchall()
    return exchange.load(store, _lines(rows), "the shared database")


def _lines(rows: list[tuple[Any, Any]]) -> Iterator[str]:
    for header, results in rows:
        yield json.dumps(header)
        for result in results:
            yield json.dumps(result)


def _text(value: object) -> str:
    """Return JSON without NUL characters, which PostgreSQL does not store."""
    return json.dumps(value).replace("\\u0000", "\\ufffd")


class _Connection:
    """One transaction on the database, whose errors become `SharedError`."""

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError as error:
            message = "psycopg is not installed: uv pip install 'psycopg[binary]'"
            raise SharedError(message) from error
        self._error = psycopg.Error
        try:
            self._connection = psycopg.connect(url, connect_timeout=10)
        except psycopg.Error as error:
            raise SharedError(f"cannot reach the shared database: {_first(error)}") from error

    def __enter__(self) -> Any:  # noqa: ANN401 - the driver may be missing
        return self._connection

    def __exit__(self, type_: type[BaseException] | None, error: object, trace: object) -> None:
        try:
            if type_ is None:
                self._connection.commit()
        except self._error as failure:
            raise SharedError(f"the shared database refused: {_first(failure)}") from failure
        finally:
            self._connection.close()
        if isinstance(error, self._error):
            raise SharedError(f"the shared database refused: {_first(error)}") from error


def _first(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
