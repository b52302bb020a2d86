"""Check table rules on a stream of records: key, order, steps, gaps, number of rows."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isnan
from operator import itemgetter
from typing import Any

from .contract import TableRules
from .errors import EdgeError, Problem, shorten
from .forms import ISO_UTC
from .rows import Block, Row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BELOW = "must not be below an earlier row"
MAX_HELD = 1000  # rows that wait for a later row of their group
# Types of values that can be sorted, if all values of a column have one of them.
SORTABLE = ({int}, {float}, {str}, {date}, {timedelta})
Decided = tuple[Any, tuple[Problem, ...]]  # a row, and its problems: none for a valid row
TOLERANCE = 1e-9  # of a multiple of a step


@dataclass(slots=True)
class Held:
    """A record whose verdict may depend on a later one.

    Attributes:
        item: What the caller has of the row.
        values: The values of the record, by field.
        text: The ordered value as it is written, if it is known.
        problems: None before the decision, then the problems; none of them for a valid row.
        value: The ordered value, in a form that is fast to compare.
    """

    item: Any
    values: dict[str, Any]
    text: str | None
    problems: tuple[Problem, ...] | None = None
    value: Any = None


@dataclass(slots=True)
class Group:
    """The state of one group of rows.

    Attributes:
        last: The last valid row.
        newest: The row after it, which is in order so far.
        suspect: A row below the newest: one of the two is wrong, and the next row tells which.
        seen: Keys of valid rows.
    """

    last: Held | None
    newest: Held | None
    suspect: Held | None
    seen: set[Any]


class TableRuleChecker:
    """Checks records one by one, and remembers only what the rules require.

    A row that is far ahead, such as one of a wrong year, does not make all later rows invalid: of
    two rows that are out of order, the next one decides which is wrong.

    If the key contains the ordered column and the columns of the group, keys are forgotten when
    the order advances. Otherwise all keys are kept, so memory grows with the number of rows.
    """

    def __init__(self, rules: TableRules) -> None:
        """Start before the first row."""
        self._rules = rules
        self._ordered = rules.ordered
        self._forgets = rules.ordered in rules.key and set(rules.per) <= set(rules.key)
        self._names = [name for name in rules.key if name != rules.ordered or not self._forgets]
        self._key = itemgetter(*self._names) if self._names else lambda _: ()
        self._rows = 0
        self._seen: set[Any] = set()
        self._held: deque[Held] = deque()
        self._groups: dict[Any, Group] = {}
        self._steps = rules.every or rules.gap
        self._only = None if rules.per else self._group(())

    def check(self, item: Any, values: dict[str, Any], text: str | None = None) -> list[Decided]:
        """Check the next record; return each row that is decided, in order, with its problems.

        A row with a problem does not count for later ones.

        Args:
            item: What the caller has of the row.
            values: The values of the record, by field.
            text: The ordered value as it is written.
        """
        held = Held(item, values, text)
        self._held.append(held)
        try:
            self._place(held)
        except TypeError as error:  # such as times with and without a zone
            self._refuse_comparison(held, error)
        return self._decided()

    def check_rows(self, rows: Iterable[Row[Any]]) -> list[Decided]:
        """Check rows of a reader; return each row that is decided, with its problems."""
        return [each for row in rows for each in self._check_one(row)]

    def check_block(self, block: Block) -> list[list[Decided] | Block]:
        """Check valid rows of a reader at once; return what is decided, in order.

        A row between the first and the last is in order whatever comes before or after, if all are
        in order. The others are checked one by one.
        """
        group = self._only
        order = None if group is None or self._steps else self._order(block)
        if group is None or order is None or order != sorted(order):
            return [self.check_rows(block.rows())]
        first, last = 0, len(block)
        if self._ordered is not None:
            first, last = bisect_right(order, order[0]), bisect_left(order, order[-1])
        head = block.rows(0, first)
        found, newest = self.check_rows(head), group.newest
        # The first row is in order itself, so that the rows after it are.
        follows = newest is not None and bool(head) and newest.item is head[-1]
        if first >= last or group.suspect is not None or (self._ordered and not follows):
            return [found + self.check_rows(block.rows(first))]
        if newest is not None:
            self._accept(group, newest)
            group.newest = None
        found += self._decided()
        if self._held or not self._have_new_keys(group, block, first, last):
            return [found + self.check_rows(block.rows(first))]
        self._rows += last - first
        if self._ordered is not None:
            row = block.row(last - 1)
            group.last = Held(row, values_of(row[2]), row[3], ())
        return [found, block.part(first, last), self.check_rows(block.rows(last))]

    def _order(self, block: Block) -> list[Any] | None:
        """Return what can be sorted as the ordered column, or None."""
        if self._ordered is None:
            return []
        if block.ordered:
            return block.ordered
        values = block.columns[self._ordered]
        types = set(map(type, values))
        is_sortable = types in SORTABLE and not (types == {float} and any(map(isnan, values)))
        return values if is_sortable else None

    def _have_new_keys(self, group: Group, block: Block, first: int, last: int) -> bool:
        """Return whether no row of a range has the key of another row; remember their keys."""
        if not self._rules.key:
            return True
        names = self._rules.key if self._forgets else self._names
        columns = [block.columns[name][first:last] for name in names]
        if self._forgets and block.ordered:  # texts are faster to compare than times
            columns[names.index(self._ordered or "")] = block.ordered[first:last]
        try:
            keys = set(zip(*columns, strict=True) if len(columns) > 1 else columns[0])
            is_new = len(keys) == last - first and (self._forgets or keys.isdisjoint(group.seen))
        except TypeError:  # such as a list, which has no hash
            return False
        if is_new and not self._forgets:
            group.seen.update(keys)
        return is_new

    def _check_one(self, row: Row[Any]) -> list[Decided]:
        outcome = row[2]
        if type(outcome) is not tuple:
            return self.check(row, values_of(outcome), row[3])
        if not self._held:
            return [(row, outcome)]
        self._held.append(Held(row, {}, None, outcome))
        return self._decided()

    def rest(self) -> list[Decided]:
        """Return the rows that are not decided yet: no later row will come."""
        for group in self._groups.values():
            self._end(group)
        return self._decided()

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

    def _decided(self) -> list[Decided]:
        queue = self._held
        found: list[Decided] = []
        while queue and (queue[0].problems is not None or len(queue) > MAX_HELD):
            if queue[0].problems is None:
                self._end(self._only or self._group(self._group_key(queue[0].values)))
                continue
            held = queue.popleft()
            found.append((held.item, held.problems or ()))
            self._rows += not held.problems
        return found

    def _group(self, key: Any) -> Group:
        group = self._groups.get(key)
        if group is None:
            seen: set[Any] = set() if self._forgets else self._seen
            group = self._groups[key] = Group(None, None, None, seen)
        return group

    def _group_key(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple([values[name] for name in self._rules.per])

    def _place(self, held: Held) -> None:
        """Put a row into the order of its group, and decide the rows before it."""
        values = held.values
        group = self._only or self._group(self._group_key(values))
        if self._ordered is None or values[self._ordered] is None:
            self._accept(group, held)
            return
        newest = group.newest
        if newest is None or self._compare(newest, held) >= 0:
            if group.suspect is not None:
                self._refuse(group.suspect, "ordered", BELOW)
                group.suspect = None
            group.newest = held
            if newest is not None:
                self._accept(group, newest)
        elif group.last is None or self._compare(group.last, held) >= 0:
            if group.suspect is None:
                group.suspect = held
            else:  # the two last rows agree that the newest is far ahead
                self._refuse(newest, "ordered", "must not be above the rows after it")
                group.newest, group.suspect = group.suspect, None
                self._place(held)
        else:
            self._refuse(held, "ordered", BELOW)

    def _end(self, group: Group) -> None:
        """Decide the rows of a group without a later one."""
        newest, suspect = group.newest, group.suspect
        group.newest = group.suspect = None
        if suspect is not None:
            self._refuse(suspect, "ordered", BELOW)
        if newest is not None:
            self._accept(group, newest)

    def _accept(self, group: Group, held: Held) -> None:
        """Accept a row that is in order, if its key, step and distance are valid."""
        try:
            self._check_row(group, held)
        except TypeError as error:  # such as a list in the key
            self._refuse_comparison(held, error)

    def _check_row(self, group: Group, held: Held) -> None:
        rules, last, values = self._rules, group.last, held.values
        has_order = self._ordered is not None and values[self._ordered] is not None
        advanced = has_order and (last is None or self._compare(last, held) > 0)
        if rules.key:
            key = self._key(values)
            if advanced and self._forgets:
                group.seen.clear()
            elif key in group.seen:
                value = shorten(", ".join(str(values[name]) for name in rules.key))
                reason = "must not occur twice"
                held.problems = (Problem(", ".join(rules.key), value, "key", reason),)
                return
            group.seen.add(key)
        held.problems = ()
        if has_order:
            group.last = held
        if advanced and last is not None and (rules.every or rules.gap):
            distance = self._value(held) - self._value(last)
            if rules.gap and distance > rules.gap:
                self._refuse(held, "gap", f"must be at most {rules.gap} after the row before it")
            elif rules.every and not _is_multiple(distance, rules.every):
                reason = f"must be a multiple of {rules.every} after the row before it"
                self._refuse(held, "every", reason)

    def _refuse(self, held: Held, rule: str, reason: str) -> None:
        value = shorten(str(held.values[self._ordered or ""]))
        held.problems = (Problem(self._ordered or "", value, rule, reason),)

    def _refuse_comparison(self, held: Held, error: TypeError) -> None:
        reason = f"cannot be compared with earlier rows ({error})"
        held.problems = (Problem("", "", "comparable", reason),)

    def _value(self, held: Held) -> Any:
        if held.value is None:
            held.value = _comparable(held.values[self._ordered or ""])
        return held.value

    def _compare(self, one: Held, other: Held) -> int:
        """Return 0 for the same ordered value, 1 for a later one, and -1 for one below."""
        before, after = one.text, other.text
        if before is not None and after is not None:
            if before == after:
                return 0
            if _is_utc(before) and _is_utc(after):
                return 1 if after > before else -1
        low, high = self._value(one), self._value(other)
        return 0 if low == high else 1 if high > low else -1


def _is_utc(text: str) -> bool:
    return len(text) == ISO_UTC and text[10] == "T" and text[-1] == "Z"


def values_of(outcome: Any) -> dict[str, Any]:
    """Return the values of a record, or of a row that was checked without making one."""
    return outcome if type(outcome) is dict else outcome.__dict__  # type: ignore[no-any-return]


def _is_multiple(distance: Any, step: Any) -> bool:
    """Return whether a distance is a multiple of a step, but for rounding of floats."""
    if isinstance(distance, Decimal):
        return distance % Decimal(str(step)) == 0
    if isinstance(distance, float) or isinstance(step, float):
        return abs(distance / step - round(distance / step)) < TOLERANCE
    return not distance % step


def _comparable(value: Any) -> Any:
    """Return a time with a zone as a duration, which is faster to compare and to hash."""
    if type(value) is datetime and value.tzinfo is not None:
        return value - EPOCH
    return value
