"""Table rules on a stream of records: key, order, number of rows."""

from datetime import UTC, datetime
from typing import Any

from .contract import Contract, TableRules
from .errors import EdgeError, Problem, shorten

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Watch:
    """Remembers what the rules need, and no more.

    Keys are remembered until the ordered column moves on, where the key has that column in it;
    otherwise all are, which takes memory by the number of rows.
    """

    def __init__(self, rules: TableRules) -> None:
        """Begin before the first row."""
        self._rules = rules
        self._by_order = rules.ordered in rules.key
        self._names = [name for name in rules.key if name != rules.ordered]
        self._rows = 0
        self._last: Any = None
        self._seen: set[tuple[Any, ...]] = set()

    def check(self, record: Contract) -> Problem | None:
        """Look at the next record; a record with a problem leaves no trace."""
        rules, values = self._rules, record.__dict__
        now, last, moved = None, self._last, False
        if rules.ordered is not None and values[rules.ordered] is not None:
            now = _plain(values[rules.ordered])
            if last is not None and now < last:
                found = shorten(str(values[rules.ordered]))
                return Problem(rules.ordered, found, "ordered", "must not fall below a row before")
            moved = now != last
        if rules.key:
            key = (now, *[_plain(values[name]) for name in self._names])
            if moved and self._by_order:
                self._seen.clear()
            elif key in self._seen:
                found = shorten(", ".join(str(values[name]) for name in rules.key))
                return Problem(", ".join(rules.key), found, "key", "must not occur twice")
            self._seen.add(key)
        self._last = last if now is None else now
        self._rows += 1
        return None

    def finish(self) -> None:
        """Check the number of rows.

        Raises:
            EdgeError: There are too few or too many.
        """
        least, most = self._rules.least, self._rules.most
        if self._rows < least:
            raise EdgeError(f"{self._rows} good rows; the contract wants at least {least}")
        if most is not None and self._rows > most:
            raise EdgeError(f"{self._rows} good rows; the contract allows {most}")


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Turn a time with a zone into a duration: to compare or hash it asks its zone each time."""
    if type(value) is datetime and value.tzinfo is not None:
        return value - EPOCH
    return value
