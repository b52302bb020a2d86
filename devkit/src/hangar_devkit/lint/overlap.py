"""Overlap: tests that run exactly the same lines with the same outcome, candidates to merge.

Reads a coverage file that was recorded with contexts: `pytest --cov --cov-context=test`.
"""

import json
from collections import defaultdict
from pathlib import Path


class OverlapError(Exception):
    """The coverage file cannot be read; the message says how to record one."""


def overlapping(data_file: Path, cache: Path) -> list[list[str]]:
    """Group tests by the lines that they ran.

    Args:
        data_file: The coverage file, with a context for each test.
        cache: The cache directory of pytest, which lists the tests that failed last.

    Returns:
        Groups of two or more test functions, by their ids. Cases of one parametrized test count as
        one: they run the same lines with other values on purpose.

    Raises:
        OverlapError: There is no coverage file, or one without contexts, or no Coverage.py.
    """
    try:
        from coverage import CoverageData, CoverageException
    except ModuleNotFoundError as error:
        raise OverlapError("Coverage.py is not installed; run `pip install pytest-cov`") from error

    if not data_file.exists():
        raise OverlapError(
            f"{data_file} does not exist; run `pytest --cov --cov-context=test` first"
        )
    data = CoverageData(str(data_file))
    try:
        data.read()
    except CoverageException as error:
        raise OverlapError(f"{data_file}: {error}") from error
    lines: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for file in data.measured_files():
        for line, contexts in data.contexts_by_lineno(file).items():
            for context in filter(None, contexts):
                test, _, phase = context.rpartition("|")
                if phase == "run":
                    lines[test.partition("[")[0]].add((file, line))
    if not lines:
        raise OverlapError(
            f"{data_file} has no contexts; record it with `pytest --cov --cov-context=test`"
        )
    failed = {name.partition("[")[0] for name in _failed(cache)}
    groups: dict[tuple[frozenset[tuple[str, int]], bool], list[str]] = defaultdict(list)
    for test, covered in lines.items():
        groups[frozenset(covered), test in failed].append(test)
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def _failed(cache: Path) -> list[str]:
    path = cache / "v" / "cache" / "lastfailed"
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []
