"""Write records to a file, atomically."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .contract import Contract
from .errors import EdgeError


@contextmanager
def saving(path: Path, contract: type[Contract]) -> Iterator[Callable[[Contract], None]]:
    """Write records to a `.csv` or `.jsonl` file, which appears when all records are written.

    Args:
        path: The file; an existing file is replaced.
        contract: Contract of the records; its fields are the columns.

    Yields:
        A function that writes one record.

    Raises:
        EdgeError: The file cannot be written; an existing file is left unchanged.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            if path.suffix.lower() == ".csv":
                table = csv.writer(file, lineterminator="\n")
                table.writerow(contract.model_fields)
                yield lambda record: table.writerow(record.model_dump(mode="json").values())
            else:
                yield lambda record: print(record.model_dump_json(), file=file)
        part.replace(path)
    except OSError as error:
        raise EdgeError(f"cannot write {path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
