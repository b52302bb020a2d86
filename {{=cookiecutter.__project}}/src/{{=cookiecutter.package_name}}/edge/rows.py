"""Rows between the readers, the table rules and the loader: one by one, or many that are valid."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from .errors import Problem
from .lines import Lines

Model = TypeVar("Model")
BLOCK = 1000  # rows, if the lines that are read at once are so many
SMALL_BLOCK = 32  # rows, if one of the block is invalid
MIN_BLOCK = 8  # rows that are worth reading by columns

# Number, text, model or problems, and the text of the ordered column where it is known.
Row = tuple[int, str, Model | tuple[Problem, ...], str | None]


@dataclass(slots=True)
class Block:
    """Rows that follow each other, each of which satisfies the contract.

    Attributes:
        first: Number of the first row.
        texts: The rows as they are written.
        records: The records; None if they are not made.
        columns: The values of the fields that table rules use.
        ordered: The ordered column as it is written, if it has times of one form, in which the
            order of the texts is that of the times.
    """

    first: int
    texts: list[str]
    records: list[Any] | None
    columns: dict[str, list[Any]]
    ordered: list[str] | None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.texts)

    def row(self, at: int) -> Row[Any]:
        """Return one row, with the values that table rules use if there is no record."""
        records, ordered = self.records, self.ordered
        outcome = (
            records[at] if records else {name: each[at] for name, each in self.columns.items()}
        )
        return self.first + at, self.texts[at], outcome, ordered[at] if ordered else None

    def rows(self, first: int = 0, last: int | None = None) -> list[Row[Any]]:
        """Return the rows of a range."""
        return [self.row(at) for at in range(first, len(self) if last is None else last)]

    def part(self, first: int, last: int) -> "Block":
        """Return the rows of a range as a block, without what table rules use."""
        records = self.records and self.records[first:last]
        return Block(self.first + first, self.texts[first:last], records, {}, None)


def joined(texts: list[str]) -> str:
    """Return lines as one text, without the last line end; all line ends are alike."""
    whole = "".join(texts)
    # One character is found much faster than two.
    return (whole.replace("\r\n", "\n") if "\r" in whole else whole).removesuffix("\n")


def by_blocks(
    lines: Lines,
    size: int,
    read: Callable[[int, list[str]], Block | None],
    read_single: Callable[[int], list[Row[Any]]],
) -> Iterator[list[Row[Any]] | Block]:
    """Yield rows by blocks; where one of a block is invalid, by small blocks, then one by one.

    Args:
        lines: The lines.
        size: Number of lines that are read at once.
        read: Returns lines as a block, from the number of the first; None if one is not valid.
        read_single: Takes lines up to a number, and returns their rows.
    """
    last = 0  # of the lines that are read by small blocks
    while texts := lines.block(min(size, SMALL_BLOCK) if lines.number < last else size):
        end = lines.number
        can_be_block = len(texts) >= MIN_BLOCK and max(map(len, texts)) <= lines.longest
        if can_be_block and (valid := read(end - len(texts) + 1, texts)):
            yield valid
            continue
        lines.push_back(texts)
        if len(texts) > SMALL_BLOCK:
            last = end
        else:
            yield read_single(end)
