"""Rows a second at the edge, from CSV, against pydantic's TypeAdapter on rows already parsed.

Run it in a project's environment: `python bench/contracts/edge.py PACKAGE [ROWS]`. CPU seconds, the
least of three; memory is the peak of the process, at a tenth of the rows and at all of them.
"""

import importlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import TypeAdapter


def main() -> None:
    """Print the figures."""
    package, rows = sys.argv[1], int((sys.argv[2:] or ["1000000"])[0])
    edge = importlib.import_module(f"{package}.edge")
    contract = importlib.import_module(f"{package}.schemas").Reading
    if len(sys.argv) > 3:
        print(peak(edge, contract, Path(sys.argv[3])))
        return
    with TemporaryDirectory() as directory:
        path = Path(directory, "readings.csv")
        few = Path(directory, "few.csv")
        write(path, rows)
        write(few, rows // 10)
        parsed = list(cells(path))
        adapter = TypeAdapter(contract)
        taken = [measure(lambda: count(edge.Load(path, contract))) for _ in range(3)]
        one = [measure(lambda: [adapter.validate_strings(row) for row in parsed]) for _ in range(3)]
        many = [measure(lambda: at_once(contract, parsed)) for _ in range(3)]
        print(f"edge, from the file           {rows / min(taken):10,.0f} rows/s")
        print(
            f"TypeAdapter, row by row       {len(parsed) / min(one):10,.0f} rows/s, parsed before"
        )
        print(
            f"TypeAdapter, one list         {len(parsed) / min(many):10,.0f} rows/s, parsed before"
        )
        for each in (few, path):
            command = [sys.executable, __file__, package, "0", str(each)]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            print(f"peak memory, {each.name:<16} {float(said):10.1f} MB")


def write(path: Path, rows: int) -> None:
    """Write a file of good readings, four a minute."""
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


def cells(path: Path) -> Iterator[dict[str, str]]:
    """Yield rows as dictionaries of text."""
    with path.open(encoding="utf-8") as file:
        names = next(file).strip().split(",")
        for line in file:
            yield dict(zip(names, line.strip().split(","), strict=True))


def at_once(contract: type, parsed: list[dict[str, str]]) -> None:
    """Validate a list, as one would with TypeAdapter; numbers and dates are read from text."""
    TypeAdapter(list[contract]).validate_python(parsed, strict=False)  # type: ignore[valid-type]


def count(records: object) -> int:
    """Use up an iterator."""
    return sum(1 for _ in records)  # type: ignore[attr-defined]


def measure(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a run."""
    before = time.process_time()
    work()
    return time.process_time() - before


def peak(edge: object, contract: type, path: Path) -> float:
    """Load a file and return the process's peak memory in megabytes."""
    count(edge.Load(path, contract))  # type: ignore[attr-defined]
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
