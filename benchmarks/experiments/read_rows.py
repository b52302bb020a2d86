"""Time reading a file at the edge, and what other libraries do with the same rows.

Run it in a project's environment: `python benchmarks/experiments/read_rows.py PACKAGE ROWS ROUNDS`.
It prints JSON: CPU seconds of each round, and the peak memory of a process in megabytes, at a tenth
of a million rows and at a million.
"""

import contextlib
import csv
import gc
import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import TypeAdapter

MANY = 1_000_000  # rows, to check that memory stays constant


def main() -> None:
    """Print the times and the peak memory."""
    package, rows, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    edge: Any = importlib.import_module(f"{package}.edge")
    contract = importlib.import_module(f"{package}.schemas").Reading
    if len(sys.argv) > 4:
        print(peak(edge, contract, Path(sys.argv[4])))
        return
    adapter = TypeAdapter(contract)
    validate = adapter.validate_strings
    with TemporaryDirectory() as directory:
        path, few = Path(directory, "readings.csv"), Path(directory, "few.csv")
        lines, bad = Path(directory, "readings.jsonl"), Path(directory, "bad.csv")
        write(path, rows)
        write_others(path, lines, bad)
        parsed = list(cells(path))
        gc.freeze()  # keep the garbage collector from scanning these rows
        candidates: dict[str, Callable[[], object]] = {
            "edge": lambda: count(edge.Load(path, contract)),
            "valid": lambda: edge.Load(path, contract).validate(),
            "lines": lambda: count(edge.Load(lines, contract)),
            "lines_valid": lambda: edge.Load(lines, contract).validate(),
            "bad": lambda: rejected(edge, contract, bad),
            "each": lambda: count(validate(row) for row in parsed),
            "kept": lambda: [validate(row) for row in parsed],
            "list": lambda: at_once(contract, parsed),
            "csv": lambda: count(cells(path)),
            "both": lambda: count(validate(row) for row in cells(path)),
        }
        found: dict[str, Any] = {name: [] for name in candidates}
        for _ in range(rounds):
            for name, action in candidates.items():
                found[name].append(measure(action))
        write(path, MANY)
        write(few, MANY // 10)
        for name, each in (("memory_few", few), ("memory_many", path)):
            command = [sys.executable, __file__, package, "0", "0", str(each)]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            found[name] = float(output)
    print(json.dumps(found))


def write(path: Path, rows: int) -> None:
    """Write a file of valid readings, four per minute."""
    with path.open("w", encoding="utf-8") as file:
        file.write("time,source,unit,value\n")
        for number in range(rows // 4):
            day, minute = divmod(number, 1440)
            month, day = divmod(day, 28)
            year, month = divmod(month, 12)
            at = f"{2000 + year}-{month + 1:02}-{day + 1:02}T{minute // 60:02}:{minute % 60:02}:00Z"
            file.writelines(
                f"{at},boiler-{source},celsius,{number % 1000 + source / 8}\n"
                for source in range(4)
            )


def write_others(path: Path, lines: Path, bad: Path) -> None:
    """Write the same rows as JSON Lines, and as CSV with an invalid value in each."""
    with lines.open("w", encoding="utf-8") as one, bad.open("w", encoding="utf-8") as other:
        other.write("time,source,unit,value\n")
        for row in cells(path):
            one.write(json.dumps(row | {"value": float(row["value"])}) + "\n")
            other.write(f"{row['time']},{row['source']},{row['unit']},nan\n")


def rejected(edge: Any, contract: type, path: Path) -> None:  # noqa: ANN401 - a module
    """Read rows that are all rejected, and write the rejects, for the benchmark of reading."""
    with contextlib.suppress(edge.EdgeError):  # the contract requires a row
        count(edge.Load(path, contract, rejects=path.with_suffix(".rejects.jsonl")))


def cells(path: Path) -> Iterator[dict[str, str]]:
    """Yield rows as dictionaries of text."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def at_once(contract: type, parsed: list[dict[str, str]]) -> None:
    """Validate a whole list with TypeAdapter, which parses numbers and dates from text."""
    TypeAdapter(list[contract]).validate_python(parsed, strict=False)  # type: ignore[valid-type]


def count(records: Iterator[object]) -> int:
    """Consume an iterator and count its items."""
    return sum(1 for _ in records)


def measure(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a run."""
    before = time.process_time()
    work()
    return time.process_time() - before


def peak(edge: Any, contract: type, path: Path) -> float:  # noqa: ANN401 - a module
    """Load a file and return the process's peak memory in megabytes."""
    count(edge.Load(path, contract))
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
