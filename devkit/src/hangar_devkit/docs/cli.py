"""The command `hangar docs`: write generated pages, report breaking API changes."""

import argparse
import sys
from pathlib import Path

from hangar_devkit.docs import api
from hangar_devkit.docs.registry import PageError, pages
from hangar_devkit.docs.writing import stale, write


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, 1 for findings, 2 if the command could not run."""
    parser = argparse.ArgumentParser(
        prog="hangar docs",
        description="Write generated pages, report API changes.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    action = actions.add_parser("pages", help="write the generated pages")
    mode = action.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help="write nothing; fail if one is out of date"
    )
    mode.add_argument(
        "--hook",
        action="store_true",
        help="fail if that changed a page",
    )
    action = actions.add_parser("api-changes", help="report what breaks importers since a release")
    action.add_argument("--against", metavar="TAG", help="default: the newest release tag")
    options = parser.parse_args(arguments)
    if options.action == "api-changes":
        return api.report(options.against)
    return _pages(Path.cwd(), check=options.check, hook=options.hook)


def _pages(root: Path, *, check: bool, hook: bool) -> int:
    try:
        texts = stale(root, pages(root))
        if not check:
            write(texts)
    except PageError as error:
        print(f"hangar docs: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"hangar docs: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for path, text in texts.items():
        state = "out of date" if check else "removed" if text is None else "written"
        print(f"{path.relative_to(root).as_posix()}: {state}")
    if texts and check:
        print("hangar docs: run `nox -s docs -- pages`, then commit the changes", file=sys.stderr)
    elif texts and hook:
        print("hangar docs: add the written pages to the commit", file=sys.stderr)
    return 1 if texts and (check or hook) else 0
