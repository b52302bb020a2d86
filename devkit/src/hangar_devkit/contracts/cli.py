"""`contracts`: export, check and mutate the project's data contracts."""

import argparse
import json
import sys
from pathlib import Path

from .project import ContractsError


def main(args: list[str] | None = None) -> int:
    """Run the command line; 0 is good, 1 is a finding, 2 is a failure to look."""
    parser = argparse.ArgumentParser(prog="hangar contracts", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the project (default: here)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="compare only, write nothing")
    what.add_argument("--drift", action="store_true", help="compare files with models only")
    what.add_argument("--mutate", action="store_true", help="damage good data, see what is noticed")
    options = parser.parse_args(args)
    root = options.root.resolve()
    try:
        if options.mutate:
            return mutate(root)
        return check(root, write=not (options.check or options.drift), release=not options.drift)
    except ContractsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def check(root: Path, *, write: bool, release: bool) -> int:
    """Export or compare the schemas, compare the settings, and compare with the last release."""
    from . import environment, export, project

    wanted = export.schemas(project.contracts(root))
    changed = export.write(root, wanted) if write else export.drift(root, wanted)
    for line in changed:
        print(f"{line}{' -> written' if write else '; run `nox -s contracts`'}")
    disagreements = environment.disagreements(root)
    print(*disagreements, sep="\n", end="\n" if disagreements else "")
    unannounced = release and compare(root, wanted)
    good = not disagreements and not unannounced and (write or not changed)
    if good and not changed:
        print(f"{len(wanted)} contracts: schemas and settings agree")
    return 0 if good else 1


def compare(root: Path, wanted: dict[str, str]) -> bool:
    """Print what changed since the last release; say whether a breaking change is unannounced."""
    from .compatibility import changes
    from .project import version
    from .release import needs, newest

    last = newest(root)
    if last is None:
        print("nothing is released yet, so nothing to compare with")
        return False
    now = {name.removesuffix(".schema.json"): json.loads(text) for name, text in wanted.items()}
    found = changes(last.schemas, now)
    if not found:
        print(f"no contract changed since {last.tag}")
    for change in found:
        print(change)
    present = version((root / "pyproject.toml").read_text(encoding="utf-8"))
    unannounced = any(change.breaks for change in found) and needs(last.version, present)
    if unannounced:
        print(
            f"the contracts break what {last.tag} promised, but the version is {present}: raise "
            "its first number (the second one below 1.0), or take the change back"
        )
    return unannounced


def mutate(root: Path) -> int:
    """Print each contract's score and what it lets through."""
    from . import mutation, project

    reports = [mutation.run(model, root) for model in project.contracts(root)]
    for report in reports:
        print(report)
    if not reports:
        print("no contracts in schemas/: nothing to mutate")
    return 0
