"""The command `hangar hook`."""

import argparse
import sys
from pathlib import Path

HELP = """\
Each hook checks the files that it is given, in one process:
  text     whitespace, line endings, conflict markers, size, syntax; fixes what it can
  schemas  compose.yaml, devcontainer.json, CI and Renovate files, against their schemas
  secrets  keys and tokens

hangar hook tool hadolint|shellcheck [ARGUMENT]... runs that tool, or says that it has no wheel for
this platform.

The tools are those of the extra `lint` of hangar-devkit."""


def main(arguments: list[str] | None = None) -> int:
    """Run a hook.

    Returns:
        0 if the files are good; 1 for findings, also fixed ones; 2 if the hook could not run.
    """
    if arguments and arguments[0] == "tool":  # its arguments are the tool's
        return _run_tool(arguments[1:])
    parser = argparse.ArgumentParser(
        prog="hangar hook",
        description="Check files before a commit.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("hook", choices=("text", "schemas", "secrets"))
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument(
        "--skip", action="append", default=[], metavar="CHECK", help="leave out a check of `text`"
    )
    options = parser.parse_intermixed_args(arguments)
    # A path that leaves the directory would leave the copy of it too.
    if outside := [path for path in options.files if _is_outside(path)]:
        parser.error(f"{outside[0]} is not below this directory")
    try:
        return _run(options.hook, options.files, options.skip, parser)
    except OSError as error:
        print(f"hangar hook: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2


def _run(hook: str, paths: list[str], skipped: list[str], parser: argparse.ArgumentParser) -> int:
    if hook == "text":
        from hangar_devkit.hooks import text  # noqa: PLC0415 - a hook loads its own tools

        if unknown := set(skipped) - set(text.CHECKS):
            parser.error(f"no check {min(unknown)!r}; there are {', '.join(text.CHECKS)}")
        failed = text.failed(paths, [name for name in text.CHECKS if name not in skipped])
        if failed:
            print(f"failed: {', '.join(failed)}")
        return 1 if failed else 0
    if hook == "schemas":
        from hangar_devkit.hooks import schemas  # noqa: PLC0415

        return 1 if schemas.invalid(paths) else 0
    from hangar_devkit.hooks import secrets  # noqa: PLC0415

    return 1 if secrets.leaked(paths) else 0


def _run_tool(words: list[str]) -> int:
    from hangar_devkit.hooks import tool  # noqa: PLC0415

    if not words or words[0] not in tool.DISTRIBUTIONS:
        names = " or ".join(tool.DISTRIBUTIONS)
        print(f"hangar hook tool: expected {names} as the first argument", file=sys.stderr)
        return 2
    return tool.run(words)


def _is_outside(path: str) -> bool:
    return Path(path).is_absolute() or ".." in Path(path).parts
