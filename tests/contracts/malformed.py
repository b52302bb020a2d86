"""Ways to spoil a file, each from good lines and a seeded generator."""

from collections.abc import Callable
from random import Random

Spoil = Callable[[list[str], Random], bytes]
CSV: dict[str, Spoil] = {}
BOM = b"\xef\xbb\xbf"
DATES = ["05/01/2026", "2026-01-05", "Jan 5 2026", "1767600000", "2026-13-45T99:00:00Z", "08:00"]
NUMBERS = ["nan", "inf", "-Infinity", "1e999", "9" * 5000, "1,5", "0x1F", "--1", "1_0.", "\u0661"]


def spoil(function: Spoil) -> Spoil:
    """Register a way, under its function's name."""
    CSV[function.__name__] = function
    return function


def joined(lines: list[str], end: str = "\n") -> bytes:
    """Make a file of lines."""
    return (end.join(lines) + end).encode()


def some(lines: list[str], random: Random) -> list[int]:
    """Choose some rows, never the header."""
    return random.sample(range(1, len(lines)), random.randint(1, 5))


def replaced(lines: list[str], random: Random, change: Callable[[list[str]], list[str]]) -> bytes:
    """Change the cells of some rows."""
    lines = list(lines)
    for row in some(lines, random):
        lines[row] = ",".join(change(lines[row].split(",")))
    return joined(lines)


def with_bytes(lines: list[str], random: Random, wanted: list[bytes]) -> bytes:
    """Put bytes at some places behind the header."""
    content = bytearray(joined(lines))
    start = len(lines[0]) + 1
    for _ in range(random.randint(1, 10)):
        at = random.randrange(start, len(content))
        content[at:at] = random.choice(wanted)
    return bytes(content)


@spoil
def truncated(lines: list[str], random: Random) -> bytes:
    content = joined(lines)
    return content[: random.randrange(len(content))]


@spoil
def other_encoding(lines: list[str], random: Random) -> bytes:
    return with_bytes(lines, random, ["ü".encode("latin-1"), b"\xff", b"\xc3", b"\xed\xa0\x80"])


@spoil
def utf_16(lines: list[str], random: Random) -> bytes:
    return "\n".join(lines).encode(random.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32"]))


@spoil
def byte_order_mark(lines: list[str], random: Random) -> bytes:
    return BOM * random.randint(1, 2) + joined(lines)


@spoil
def nul_bytes(lines: list[str], random: Random) -> bytes:
    return with_bytes(lines, random, [b"\0", b"\0\0\0"])


@spoil
def mixed_line_ends(lines: list[str], random: Random) -> bytes:
    return "".join(line + random.choice(["\n", "\r\n", "\r", "\n\n"]) for line in lines).encode()


@spoil
def stray_quotes(lines: list[str], random: Random) -> bytes:
    return with_bytes(lines, random, [b'"', b'""', b'","', b'"\n'])


@spoil
def missing_columns(lines: list[str], random: Random) -> bytes:
    return replaced(lines, random, lambda cells: cells[: random.randrange(len(cells))])


@spoil
def extra_columns(lines: list[str], random: Random) -> bytes:
    return replaced(lines, random, lambda cells: cells + ["x"] * random.randint(1, 9))


@spoil
def odd_numbers(lines: list[str], random: Random) -> bytes:
    return replaced(lines, random, lambda cells: [*cells[:-1], random.choice(NUMBERS)])


@spoil
def other_dates(lines: list[str], random: Random) -> bytes:
    return replaced(lines, random, lambda cells: [random.choice(DATES), *cells[1:]])


@spoil
def empty_cells(lines: list[str], random: Random) -> bytes:
    return replaced(lines, random, lambda cells: [random.choice([cell, ""]) for cell in cells])


@spoil
def long_line(lines: list[str], random: Random) -> bytes:
    return replaced(lines, random, lambda cells: [*cells[:-1], "1" * random.randint(900, 200_000)])


@spoil
def odd_separators(lines: list[str], random: Random) -> bytes:
    return with_bytes(lines, random, [b"\x0b", b"\x0c", b"\x1c", "\u2028".encode(), b"\x1a", b"\t"])


@spoil
def header_damaged(lines: list[str], random: Random) -> bytes:
    names = lines[0].split(",")
    names[random.randrange(len(names))] = random.choice(["", "x", names[0], '"', "\0", "\udcff"])
    return (",".join(names) + "\n").encode("utf-8", "surrogateescape") + joined(lines[1:])


@spoil
def rows_repeated(lines: list[str], random: Random) -> bytes:
    return joined([*lines, *random.choices(lines[1:], k=5)])


@spoil
def header_repeated(lines: list[str], random: Random) -> bytes:
    at = random.randrange(1, len(lines))
    return joined([*lines[:at], lines[0], *lines[at:]])


@spoil
def bytes_flipped(lines: list[str], random: Random) -> bytes:
    content = bytearray(joined(lines))
    for _ in range(random.randint(1, 30)):
        content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content)


@spoil
def garbage(_lines: list[str], random: Random) -> bytes:
    return random.randbytes(random.randint(0, 5000))


@spoil
def nothing_much(_lines: list[str], random: Random) -> bytes:
    return random.choice([b"", b"\n", b"\n\n\n", b" ", BOM, b"\0", b",,,", b'"', b"\r"])
