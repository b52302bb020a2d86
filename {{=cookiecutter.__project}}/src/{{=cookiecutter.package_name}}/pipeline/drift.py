"""Drift: whether the rows that a model gets are distributed like those that it was trained on.

The package of a model has a summary of its training data: for each field, how many rows are in
which cell. A cell is a range between two quantiles of a number, or a value of a text. The distance
is the largest difference of the cumulative shares (Kolmogorov and Smirnov, at the cells).
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ..edge import Contract, EdgeError

if TYPE_CHECKING:
    import polars as pl

FILE = "inputs.json"
BINS = 20
MOST = 50  # values of a text, or groups of rows; with more, each has too few rows to compare
ERRORS = 0.01  # probability to report drift where there is none, for all fields together
SIZES = tuple(8 * 2**power for power in range(17))  # rows of a block, up to half a million
BLOCKS = 50  # of each size
Row = TypeVar("Row")


class Distribution(Contract):
    """The rows of a field by cells: without a value, then each cell, then what is in none."""

    field: str
    group: tuple[str, ...] = ()  # values of `Inputs.per`; empty: all rows
    edges: tuple[float, ...] = ()  # of numbers, each the upper end of a cell
    values: tuple[str, ...] = ()  # of texts, the most frequent first
    counts: tuple[int, ...]
    usual: tuple[float, ...] = ()  # largest distance of blocks of the training data, by `SIZES`

    def noise(self, rows: int, factor: float) -> float:
        """Return the distance that so many rows may have without drift.

        Rows that follow each other are alike, as in a part of a day, so the bound for independent
        rows is not enough: blocks of the training data have their own distance from the whole.
        """
        smaller = [usual for size, usual in zip(SIZES, self.usual, strict=False) if size <= rows]
        if not smaller and rows < SIZES[0]:
            return 1.0
        independent = factor * math.sqrt(1 / sum(self.counts) + 1 / rows)
        return max([independent, *smaller[-1:]])

    @property
    def title(self) -> str:
        """Name of the field and of the group, such as `value of boiler-1`."""
        return " of ".join([self.field, *([", ".join(self.group)] if self.group else [])])


class Inputs(Contract):
    """Summary of the rows that a model was trained on; it has no row as it was.

    Attributes:
        per: Fields by which numbers are compared, such as the source of a value.
        distributions: The fields that can be compared, by group.
        skipped: Why other fields cannot, by name.
    """

    per: tuple[str, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    skipped: dict[str, str] = {}


@dataclass(frozen=True)
class Answer:
    """Whether inputs drifted.

    Attributes:
        result: The answer.
        reason: What it is based on, in one line.
    """

    result: Literal["yes", "no", "not checked"]
    reason: str

    def __str__(self) -> str:
        return f"drift: {self.result}: {self.reason}"


class Monitor:
    """Counts rows on their way to a predictor, and compares them with the training data.

    Attributes:
        rows: Number of rows so far.
    """

    def __init__(self, inputs: Inputs, limit: float | None) -> None:
        """Start before the first row; a distance above the limit is drift, None checks nothing."""
        self._inputs, self._limit = inputs, limit
        self.reset()

    def reset(self) -> None:
        """Forget the rows so far."""
        self.rows = 0
        self._counts = [[0] * len(each.counts) for each in self._inputs.distributions]
        self._by_group: dict[tuple[str, ...], list[tuple[str, Any, list[int]]]] = {}
        for each, counts in zip(self._inputs.distributions, self._counts, strict=True):
            cells = each.edges or {value: number for number, value in enumerate(each.values)}
            self._by_group.setdefault(each.group, []).append((each.field, cells, counts))

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield rows as they are, and count them."""
        everywhere, per = self._by_group.get((), []), self._inputs.per
        for row in rows:
            self.rows += 1
            fields = everywhere
            if per:
                group = tuple(text(getattr(row, name)) for name in per)
                fields = [*everywhere, *self._by_group.get(group, [])]
            for name, cells, counts in fields:
                counts[_cell(getattr(row, name), cells)] += 1
            yield row

    def answer(self) -> Answer:
        """Return whether the rows so far drifted."""
        if self._limit is None:
            return Answer("not checked", "`drift` in problems.yml is null")
        if not self._inputs.distributions:
            reasons = "; ".join(f"{name}: {why}" for name, why in self._inputs.skipped.items())
            return Answer("not checked", reasons or "the model has no summary of its training data")
        compared, drifted, few, largest = [], [], [], 0.0
        factor = math.sqrt(math.log(2 * len(self._counts) / ERRORS) / 2)
        for trained, counts in zip(self._inputs.distributions, self._counts, strict=True):
            rows = sum(counts)
            distance = _distance(trained.counts, counts) if rows else 0.0
            noise = trained.noise(rows, factor)
            if distance > max(self._limit, noise):
                drifted.append(f"{trained.title} differs by {distance:.2f}")
            elif noise > self._limit:
                few.append(trained.title)
            else:
                compared.append(trained.title)
                largest = max(largest, distance)
        missing = [f"{shortened(few)} ({self.rows} rows are too few)"] if few else []
        skipped = [f"{name} ({why})" for name, why in self._inputs.skipped.items()]
        rest = f"; not checked: {', '.join([*missing, *skipped])}" if few or skipped else ""
        if drifted:
            return Answer("yes", f"{shortened(drifted)} (limit {self._limit}){rest}")
        same = f"{shortened(compared)}: by {largest:.2f} at most (limit {self._limit})"
        if few:  # never "no" for fields that nobody could compare
            more = f"; no drift of {same}" if compared else ""
            return Answer("not checked", f"{missing[0]}{more}")
        return Answer("no", f"{same}{rest}")


def summarize(tables: Iterable[Any], contract: type[Contract], per: Iterable[str]) -> Inputs:
    """Return a summary of the training data.

    Args:
        tables: Data of the training; the first table with fields of the contract is taken.
        contract: Contract of a row.
        per: Fields that could form groups; those that are texts with few values do.
    """
    fields = [*contract.model_fields]
    frame = next((each for each in map(_frame, tables) if {*each.columns} & {*fields}), None)
    if frame is None or frame.is_empty():
        reason = "no dataset in `data` of problems.yml is a table with fields of its inputs"
        return Inputs(skipped={contract.__name__: reason})
    skipped = {name: "not in the training data" for name in fields if name not in frame.columns}
    columns: dict[str, Any] = {}
    for name in frame.columns:
        if name in fields and isinstance(found := _comparable(frame[name]), str):
            skipped[name] = found
        elif name in fields:
            columns[name] = found
    keys = tuple(name for name in per if name in columns and not columns[name].dtype.is_numeric())
    groups = dict(_groups(frame.with_columns(**columns), keys))
    if len(groups) > MOST:
        keys, groups = (), {}
    distributions = []
    for name, column in columns.items():
        if column.dtype.is_numeric() and keys:
            distributions += [_distribution(each[name], group) for group, each in groups.items()]
        else:
            distributions.append(_distribution(column, ()))
    return Inputs(per=keys, distributions=tuple(distributions), skipped=skipped)


def read(directory: Path) -> Inputs:
    """Read the summary from the package of a model; an earlier package has none.

    Raises:
        EdgeError: The file is damaged.
    """
    file = directory / FILE
    if not file.exists():
        return Inputs()
    try:
        return Inputs.model_validate_json(file.read_bytes())
    except ValueError as error:
        raise EdgeError(f"{file} is damaged: {str(error).splitlines()[0]}") from error


def text(value: object) -> str:
    """Return a value as the text that stands for it: also of an Enum or a Boolean."""
    return str(getattr(value, "value", value))


def shortened(items: list[str], most: int = 5) -> str:
    """Return items in one line; of many only the first."""
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _cell(value: Any, cells: tuple[float, ...] | dict[str, int]) -> int:
    if value is None or value != value:
        return 0
    if isinstance(cells, tuple):
        return 1 + bisect_left(cells, value)
    return 1 + cells.get(text(value), len(cells))


def _distance(trained: Iterable[int], counts: Iterable[int]) -> float:
    before, now = [*accumulate(trained)], [*accumulate(counts)]
    pairs = zip(before, now, strict=True)
    return max(abs(old / before[-1] - new / now[-1]) for old, new in pairs)


def _frame(table: Any) -> "pl.DataFrame":
    """Return a table of Polars or pandas as one of Polars; empty if it is none."""
    import polars as pl  # not needed to predict

    if isinstance(table, pl.DataFrame):
        return table
    if not hasattr(table, "columns"):
        return pl.DataFrame()
    columns = {str(name): [*table[name]] for name in table.columns}
    return pl.DataFrame(columns, strict=False)


def _comparable(column: "pl.Series") -> "pl.Series | str":
    """Return a column of numbers or texts, or why it cannot be compared."""
    import polars as pl  # not needed to predict

    if column.dtype.is_numeric():
        numbers = column.cast(pl.Float64)
        return numbers.set(~numbers.is_finite().fill_null(value=True), None)
    if column.dtype.is_temporal():
        return "a time moves on"
    if column.dtype not in {pl.String, pl.Boolean, pl.Categorical, pl.Enum}:
        return "not a number, text or Boolean"
    texts = pl.Series(column.name, [None if v is None else text(v) for v in column], pl.String)
    if texts.n_unique() > MOST:
        return f"more than {MOST} different values"
    return texts


def _groups(
    frame: "pl.DataFrame", keys: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], "pl.DataFrame"]]:
    for group, rows in frame.group_by(keys, maintain_order=True) if keys else ():
        yield tuple(map(str, group)), rows


def _distribution(column: "pl.Series", group: tuple[str, ...]) -> Distribution:
    import numpy as np  # not needed to predict
    import polars as pl

    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()
    present = column.drop_nulls()
    # As `_cell` does it, for all rows at once.
    if column.dtype.is_numeric():
        cuts = [present.quantile(number / BINS, "nearest") for number in range(BINS + 1)]
        edges = tuple(sorted({float(cut) for cut in cuts if cut is not None}))
        cells = np.searchsorted(edges, column.to_numpy())
    else:
        counted = present.value_counts(sort=True)
        values = tuple(counted.sort("count", column.name, descending=[True, False])[column.name])
        cells = column.cast(pl.Enum(values)).to_physical().fill_null(0).to_numpy().astype(int)
    rows = np.where(column.is_null().to_numpy(), 0, 1 + cells)
    counts = np.bincount(rows, minlength=len(edges or values) + 2).tolist()
    usual = []
    for size in SIZES:
        starts = range(0, len(rows) - size + 1, size)
        if len(starts) < 2:
            break
        chosen = starts[:: math.ceil(len(starts) / BLOCKS)]
        blocks = (np.bincount(rows[at : at + size], minlength=len(counts)) for at in chosen)
        usual.append(max(_distance(counts, block.tolist()) for block in blocks))
    return Distribution(
        field=column.name,
        group=group,
        edges=edges,
        values=values,
        counts=tuple(counts),
        usual=tuple(usual),
    )
