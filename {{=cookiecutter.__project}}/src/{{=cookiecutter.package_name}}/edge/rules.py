"""Check table rules on a stream of records: key, order, number of rows."""

from datetime import UTC, datetime
from typing import Any

from .contract import TableRules
from .errors import EdgeError, Problem, shorten

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TableRuleChecker:
    """Checks records one by one, and remembers only what the rules require.

    If the key contains the ordered column, keys are forgotten when that column advances.
    Otherwise all keys are kept, so memory grows with the number of rows.
    """

    def __init__(self, rules: TableRules) -> None:
        """Start before the first row."""
        self._rules = rules
        self._key_has_order = rules.ordered in rules.key
        self._names = [name for name in rules.key if name != rules.ordered]
        self._rows = 0
        self._last: Any = None
        self._seen: set[tuple[Any, ...]] = set()

    def check(self, record: object) -> Problem | None:
        """Check the next record; a record with a problem does not count for later ones."""
        try:
            return self._check(record)
        except TypeError as error:  # such as times with and without a zone
            return Problem("", "", "comparable", f"cannot be compared with earlier rows ({error})")

    def finish(self) -> None:
        """Check the number of rows.

        Raises:
            EdgeError: There are too few or too many.
        """
        least, most = self._rules.least, self._rules.most
        if self._rows < least:
            raise EdgeError(f"{self._rows} valid rows; the contract requires at least {least}")
        if most is not None and self._rows > most:
            raise EdgeError(f"{self._rows} valid rows; the contract allows at most {most}")

    def _check(self, record: object) -> Problem | None:
        rules, values = self._rules, record.__dict__
        now, last, advanced = None, self._last, False
        if rules.ordered is not None and values[rules.ordered] is not None:
            now = _comparable(values[rules.ordered])
            if last is not None and now < last:
                value = shorten(str(values[rules.ordered]))
                return Problem(rules.ordered, value, "ordered", "must not be below an earlier row")
            advanced = now != last
        if rules.key:
            key = (now, *[_comparable(values[name]) for name in self._names])
            if advanced and self._key_has_order:
                self._seen.clear()
            elif key in self._seen:
                value = shorten(", ".join(str(values[name]) for name in rules.key))
                return Problem(", ".join(rules.key), value, "key", "must not occur twice")
            self._seen.add(key)
        self._last = last if now is None else now
        self._rows += 1
        return None


def _comparable(value: Any) -> Any:
    """Return a time with a zone as a duration, which is faster to compare and to hash."""
    if type(value) is datetime and value.tzinfo is not None:
        return value - EPOCH
    return value
