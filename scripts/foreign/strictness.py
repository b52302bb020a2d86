"""Count what the rules of the first day ask of modules that were written elsewhere.

Usage: nox -s foreign -- strictness
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from scripts.foreign.projects import PROJECTS, download
from scripts.wheel import PROJECT, ROOT

PAGE = ROOT / "docs/reference/foreign/strictness.md"
RULES = ROOT / PROJECT / "tools/ruff.toml"
LIMIT = 3.0  # findings that need a human hand, for a hundred lines

# Four modules of each of some projects.
MODULES = {
    "cachetools": ("src/cachetools", ("__init__", "_cached", "_cachedmethod", "func")),
    "humanize": ("src/humanize", ("filesize", "lists", "number", "time")),
    "itsdangerous": ("src/itsdangerous", ("encoding", "serializer", "signer", "timed")),
    "semver": ("src/semver", ("_deprecated", "_types", "cli", "version")),
    "sqlparse": ("sqlparse", ("formatter", "lexer", "tokens", "utils")),
}
TEXT = """\
# Lint findings in foreign code

`nox -s foreign -- strictness` writes this page. It runs the rules of a new project on twenty
modules of five public projects, which follow other rules. A finding needs a human hand if ruff has
no safe fix for it. The limit is {limit:g} for a hundred lines that are not empty; it is {rate:.1f}
over all. Thirty seeded defects, from mutable defaults to a missing `await`, are all reported
(`tests/green/test_strictness.py`).

| project | lines | findings | by hand | by hand, per 100 lines | most often |
| --- | ---: | ---: | ---: | ---: | --- |
{rows}"""


def main(arguments: list[str]) -> int:
    """Run the command; return 0, or 1 if the rules ask too much."""
    argparse.ArgumentParser(prog="nox -s foreign -- strictness").parse_args(arguments)
    rows, lines, by_hand = [], 0, 0
    for project in (each for each in PROJECTS if each.name in MODULES):
        package, names = MODULES[project.name]
        with tempfile.TemporaryDirectory() as directory:
            root = download(project, Path(directory))
            paths = [root / package / f"{name}.py" for name in names]
            found = findings(paths)
            size = sum(bool(line.strip()) for path in paths for line in _lines(path))
        hand = [str(each["code"]) for each in found if not _is_fixable(each)]
        codes = sorted(set(hand), key=lambda code: (-hand.count(code), code))
        often = ", ".join(f"`{code}`" for code in codes[:3])
        name = f"{project.name} {project.version}"
        rate = 100 * len(hand) / size
        rows.append(f"| {name} | {size} | {len(found)} | {len(hand)} | {rate:.1f} | {often} |\n")
        lines, by_hand = lines + size, by_hand + len(hand)
    rate = 100 * by_hand / lines
    PAGE.write_text(TEXT.format(limit=LIMIT, rate=rate, rows="".join(rows)), encoding="utf-8")
    print(f"{by_hand} findings need a hand in {lines} lines: {rate:.1f} for a hundred")
    return 1 if rate > LIMIT else 0


def findings(paths: list[Path]) -> list[dict[str, object]]:
    """Return what ruff reports in some files, by the rules of a project."""
    command = ["ruff", "check", f"--config={RULES}", "--no-cache", "--output-format=json"]
    done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False)
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def _is_fixable(finding: dict[str, object]) -> bool:
    fix = finding["fix"]
    return isinstance(fix, dict) and fix["applicability"] == "safe"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
