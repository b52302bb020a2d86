"""Table rules on a stream of records: key, order, number of rows."""

from typing import Any

from .contract import Contract, TableRules
from .errors import EdgeError, Problem, shorten


class Watch:
    """Remembers what the rules need, and no more.

    Keys are remembered until the ordered column moves on, where the key has that column in it;
    otherwise all are, which takes memory by the number of rows.
    """

    def __init__(self, rules: TableRules) -> None:
        """Begin before the first row."""
        self._rules = rules
        self._rows = 0
        self._last: Any = None
        self._seen: set[tuple[Any, ...]] = set()

    def check(self, record: Contract) -> Problem | None:
        """Look at the next record; a record with a problem leaves no trace."""
        rules, values = self._rules, record.__dict__
        moved = False
        if rules.ordered is not None:
            now = values[rules.ordered]
            if self._last is not None and now is not None:
                if now < self._last:
                    reason = f"must not fall below the row before, {self._last}"
                    return Problem(rules.ordered, str(now), "ordered", reason)
                moved = now > self._last
        if rules.key:
            key = tuple([values[name] for name in rules.key])
            if moved and rules.ordered in rules.key:
                self._seen.clear()
            elif key in self._seen:
                return Problem(", ".join(rules.key), shorten(key), "key", "must not occur twice")
            self._seen.add(key)
        if rules.ordered is not None and now is not None:
            self._last = now
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
