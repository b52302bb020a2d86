"""The command `hangar docs`: generated pages, and what breaks for importers."""

import argparse
import sys
from pathlib import Path

from hangar_devkit.docs import api
from hangar_devkit.docs.registry import PageError, pages
from hangar_devkit.docs.writing import stale, write
from hangar_devkit.pyproject import PyprojectError

PAGES_CODES = """\
exit codes:
  0  the pages are up to date, or were written
  1  pages are out of date (--check), or were written (--hook)
  2  a page could not be generated"""
API_CODES = """\
exit codes:
  0  nothing breaks, or the version announces it, or nothing is released yet
  1  something breaks and the version does not announce it
  2  the package could not be compared with the release"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="hangar docs", description="Write the generated docs, report API changes."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    summary = "write the pages that are generated from the project"
    action = actions.add_parser(
        "pages",
        help=summary,
        description=f"{summary.capitalize()}.",
        epilog=PAGES_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    mode = action.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help="write nothing; fail if a page is out of date"
    )
    mode.add_argument(
        "--hook", action="store_true", help="write the pages; fail if that changed one"
    )

    summary = "report what breaks importers since the last release"
    action = actions.add_parser(
        "api-changes",
        help=summary,
        description=f"{summary.capitalize()}.",
        epilog=API_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    action.add_argument(
        "--against", metavar="TAG", help="compare with this tag (default: the newest release)"
    )

    options = parser.parse_args(arguments)
    if options.action == "api-changes":
        return api.report(Path.cwd(), options.against)
    return _pages(Path.cwd(), check=options.check, hook=options.hook)


def _pages(root: Path, *, check: bool, hook: bool) -> int:
    try:
        texts = stale(root, pages(root))
        if not check:
            write(texts)
    except (PageError, PyprojectError) as error:
        print(f"hangar docs: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"hangar docs: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for path, text in texts.items():
        state = "out of date" if check else "deleted" if text is None else "written"
        print(f"{path.relative_to(root).as_posix()}: {state}")
    if texts and check:
        print("hangar docs: run `nox -s docs -- pages`, then commit the changes", file=sys.stderr)
    elif texts and hook:
        print("hangar docs: add the written pages to the commit", file=sys.stderr)
    return 1 if texts and (check or hook) else 0
