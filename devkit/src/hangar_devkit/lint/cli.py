"""The command `hangar lint-tests`."""

import argparse
import os
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from hangar_devkit.ci import in_ci
from hangar_devkit.lint import facts, mocks, repeats
from hangar_devkit.lint.source import Finding, Source, read, read_pages

RULES = (facts.check, mocks.check, repeats.check)
HERE = Path()
PLACES = ("src", "tests", "docs")
HELP = """\
rules:
  TL001  test with several assertions
  TL002  test without assertions
  TL003  mock without a spec
  TL004  fixture or helper of the tests that is defined twice
  TL005  function that is defined twice
  TL006  noqa without a reason
  TL007  code in a page that is a copy of a source
A comment such as `# noqa: TL001 (two views of one state)` suppresses a rule on its line.

exit codes:
  0  no findings, or findings that are only warnings
  1  findings, with --strict, in CI or in the session lint of nox
  2  a path does not exist, or there is no coverage file for --overlap"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="hangar lint-tests",
        description="Check how the tests are written.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths", nargs="*", type=Path, help="files or directories (default: src, tests, docs)"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="fail on findings, as in CI and in nox -s lint",
    )
    parser.add_argument(
        "--overlap",
        action="store_true",
        help="list tests that run the same lines, from the last coverage file",
    )
    options = parser.parse_args(arguments)
    if options.overlap:
        return overlap()
    paths = options.paths or [Path(name) for name in PLACES if Path(name).exists()]
    if not paths:
        print("hangar lint-tests: no src or tests here; name the paths to check", file=sys.stderr)
        return 2
    missing = [path for path in paths if not path.exists()]
    if missing:
        print(f"hangar lint-tests: {missing[0]} does not exist", file=sys.stderr)
        return 2
    places, root = [path.resolve() for path in paths], HERE.resolve()
    findings = lint(*read(places, root), read_pages(places, root))
    for finding in findings:
        print(finding)
    # The session is what CI runs, so it has the same answer; a commit is only warned.
    in_session = os.environ.get("NOX_CURRENT_SESSION") == "lint"
    strict = options.strict or in_session or in_ci(os.environ)
    if findings:
        later = "" if strict else ", an error in nox -s lint and in CI"
        print(f"{len(findings)} {'finding' if len(findings) == 1 else 'findings'}{later}")
    return int(bool(findings) and strict)


def lint(
    sources: list[Source], findings: list[Finding], pages: Sequence[Source] = ()
) -> list[Finding]:
    """Apply every rule.

    Args:
        sources: The files.
        findings: Findings of parsing.
        pages: The blocks of Python in the docs.

    Returns:
        All findings that no comment suppresses, in the order of the files.
    """
    suppressed = {
        (source.path, line): codes
        for source in (*sources, *pages)
        for line, codes in source.suppressed.items()
    }
    found = chain(*(rule(sources) for rule in RULES), repeats.check_pages(pages, sources))
    violations = (
        finding
        for finding in found
        if finding.code not in suppressed.get((finding.path, finding.line), ())
    )
    without_reason = (
        Finding(source.path, line, "TL006", "noqa without a reason; add one")
        for source in sources
        for line in source.without_reason
    )
    return sorted([*findings, *violations, *without_reason])


def overlap() -> int:
    """Print groups of tests that run the same lines."""
    from hangar_devkit.lint.overlap import OverlapError, overlapping

    try:
        groups = overlapping(Path(".coverage"), Path(".pytest_cache"))
    except OverlapError as error:
        print(f"hangar lint-tests: {error}", file=sys.stderr)
        return 2
    for group in groups:
        print("same lines, same outcome:", *group, sep="\n  ")
    print(f"{len(groups)} groups of tests are candidates to merge")
    return 0
