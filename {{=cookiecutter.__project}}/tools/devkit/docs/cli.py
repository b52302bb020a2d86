"""The command `pages`."""

import argparse
import sys
from pathlib import Path

from .registry import PageError, pages
from .writing import stale, write


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, 1 when a page is out of step, 2 when it could not be made."""
    parser = argparse.ArgumentParser(
        prog="pages", description="Write the pages that follow from the rest of the project."
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    mode.add_argument(
        "--hook", action="store_true", help="write what git keeps; fail if that changed anything"
    )
    options = parser.parse_args(arguments)
    root = Path.cwd()
    try:
        chosen = [page for page in pages(root) if page.kept or not (options.hook or options.check)]
        texts = stale(root, chosen)
        if not options.check:
            write(texts)
    except PageError as error:
        print(f"pages: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"pages: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for path, text in texts.items():
        state = "out of step" if options.check else "removed" if text is None else "written"
        print(f"{path.relative_to(root).as_posix()}: {state}")
    if texts and options.check:
        print("pages: run `nox -s docs -- pages`, then commit what changed", file=sys.stderr)
    elif texts and options.hook:
        print("pages: add what was written to the commit", file=sys.stderr)
    return 1 if texts and (options.check or options.hook) else 0


if __name__ == "__main__":
    sys.exit(main())
