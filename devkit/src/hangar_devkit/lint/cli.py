"""`lint-tests`: one fact per test, doubles with a spec, nothing defined twice.

Rules: TL001 several facts, TL002 no assertion, TL003 mock without a spec, TL004 fixture or helper
defined again, TL005 function defined again, TL006 noqa without a reason. A comment such as
`# noqa: TL001 (one state, seen twice)` silences a rule on its line.
"""

import argparse
import os
import sys
from pathlib import Path

from . import facts, mocks, repeats
from .source import Finding, Source, read

RULES = (facts.check, mocks.check, repeats.check)
HERE = Path()


def main(args: list[str] | None = None) -> int:
    """Run the command line; findings are warnings on a desk and errors in CI."""
    parser = argparse.ArgumentParser(
        prog="hangar lint-tests",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", type=Path, help="files or directories (src tests)")
    parser.add_argument("--strict", action="store_true", help="a finding is an error; so in CI")
    parser.add_argument(
        "--overlap", action="store_true", help="tests that run the same lines, as last recorded"
    )
    options = parser.parse_args(args)
    if options.overlap:
        return overlap()
    paths = options.paths or [path for path in (Path("src"), Path("tests")) if path.exists()]
    missing = [path for path in paths if not path.exists()]
    if missing:
        print(f"error: no {missing[0]} here", file=sys.stderr)
        return 2
    found = lint(*read([path.resolve() for path in paths], HERE.resolve()))
    for finding in found:
        print(finding)
    strict = options.strict or bool(os.environ.get("CI"))
    if found:
        print(f"{len(found)} findings{'' if strict else ' (errors in CI)'}")
    return int(bool(found) and strict)


def lint(sources: list[Source], findings: list[Finding]) -> list[Finding]:
    """Apply every rule.

    Args:
        sources: The files.
        findings: What is known already.

    Returns:
        What no comment silences, in the order of the files.
    """
    silenced = {source.path: source.silenced for source in sources}
    found = (
        finding
        for rule in RULES
        for finding in rule(sources)
        if finding.code not in silenced[finding.path].get(finding.line, ())
    )
    unreasoned = (
        Finding(source.path, line, "TL006", "noqa without a reason; say why")
        for source in sources
        for line in source.unreasoned
    )
    return sorted([*findings, *found, *unreasoned])


def overlap() -> int:
    """Print groups of tests that run the same lines."""
    from .overlap import OverlapError, overlapping

    try:
        groups = overlapping(Path(".coverage"), Path(".pytest_cache"))
    except OverlapError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for group in groups:
        print("the same lines, the same outcome:", *group, sep="\n  ")
    print(f"{len(groups)} groups of tests are candidates to merge")
    return 0
