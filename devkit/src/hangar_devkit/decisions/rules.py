"""Check the rules that stand beside decisions: a pattern that certain files must not contain."""

import re
from collections.abc import Iterator
from pathlib import Path

from hangar_devkit.decisions.records import Record, name


def violations(records: list[Record], root: Path) -> Iterator[str]:
    """List rules that cannot be checked, and lines that break one: `path: problem; fix`.

    Only accepted decisions have a rule in force. A line that cites the decision is an exception.

    Args:
        records: The decision records.
        root: Directory that the paths of a rule are relative to.
    """
    for record in records:
        if record.status != "accepted" or not (record.forbid or record.paths):
            continue
        if not (record.forbid and record.paths):
            yield f"{record.path}: a rule has two lines, 'forbid: PATTERN' and 'paths: GLOB ...'"
            continue
        try:
            pattern = re.compile(record.forbid)
            files = _files(record.paths, root)
        except re.error as error:
            yield f"{record.path}: forbid is not a regular expression ({error}); correct it"
        except (NotImplementedError, ValueError) as error:
            yield f"{record.path}: paths cannot be searched ({error}); correct them"
        else:
            if not files:
                paths = " ".join(record.paths)
                yield f"{record.path}: no file matches '{paths}'; correct the paths of the rule"
            yield from _lines(record, pattern, files, root)


def _files(paths: tuple[str, ...], root: Path) -> list[Path]:
    """Return the files that match; a path with `!` in front leaves files out."""
    found: set[Path] = set()
    for path in paths:
        matching = set(root.glob(path.removeprefix("!")))
        found = found - matching if path.startswith("!") else found | matching
    return sorted(path for path in found if path.is_file())


def _lines(
    record: Record, pattern: re.Pattern[str], files: list[Path], root: Path
) -> Iterator[str]:
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            match = pattern.search(line)
            if match and name(record.number) not in line:
                place = f"{path.relative_to(root).as_posix()}:{number}"
                yield (
                    f"{place}: '{match[0].strip()}' goes against {name(record.number)}, "
                    f"{record.title}; see {record.path.as_posix()}"
                )
