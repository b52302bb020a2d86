"""Shell completion of `hangar`, by argcomplete, which nox brings into every environment."""

import argparse
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import NoReturn
from unittest import mock

SHELLS = ("bash", "zsh", "fish")


def main(arguments: list[str]) -> int:
    """Print what a shell has to evaluate; return 2 without argcomplete."""
    parser = argparse.ArgumentParser(
        prog="hangar completion",
        description="Print the completion script of a shell.",
        epilog='bash: eval "$(hangar completion bash)"; zsh: eval "$(hangar completion zsh)"; '
        "fish: hangar completion fish | source",
    )
    parser.add_argument("shell", choices=SHELLS)
    shell = parser.parse_args(arguments).shell
    try:
        from argcomplete import shell_integration  # noqa: PLC0415 - as in `complete`
    except ModuleNotFoundError:
        print(
            "hangar completion: argcomplete is not installed. Run: uv add --dev argcomplete",
            file=sys.stderr,
        )
        return 2
    print(shell_integration.shellcode(["hangar"], shell=shell))
    return 0


def complete(commands: Mapping[str, tuple[str, str]]) -> None:
    """Answer a shell that asks for completions, and exit; return without argcomplete.

    The shell passes its line in `COMP_LINE`. Once the second word is complete, the parser of that
    subcommand completes the rest.

    Args:
        commands: Name of each subcommand, with its `module:function` and its summary.
    """
    try:
        import argcomplete  # noqa: PLC0415 - the rest of `hangar` works without it
    except ModuleNotFoundError:
        return
    line = os.environ["COMP_LINE"].encode()[: int(os.environ["COMP_POINT"])].decode()
    words = f"{line}|".split()  # the bar stands for the cursor
    if len(words) > 2 and words[1] in commands:
        os.environ["_ARGCOMPLETE"] = "2"  # which word of the line is the program
        argcomplete.autocomplete(_parser_of(commands[words[1]][0]))
    parser = argparse.ArgumentParser(prog="hangar")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("command", choices=commands)
    argcomplete.autocomplete(parser)


class _ParserFound(BaseException):
    """Carries the parser of a subcommand out of it: a handler of `Exception` lets it pass."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        super().__init__()
        self.parser = parser


def _parser_of(entry_point: str) -> argparse.ArgumentParser:
    """Return the parser that a subcommand builds, from its first attempt to parse with it."""

    def stop(parser: argparse.ArgumentParser, *_arguments: object) -> NoReturn:
        raise _ParserFound(parser)

    module, _, function = entry_point.partition(":")
    run = getattr(import_module(module), function)
    with mock.patch.object(argparse.ArgumentParser, "parse_known_args", stop):
        try:
            run(["--help"])
        except _ParserFound as found:
            return found.parser
    raise RuntimeError(f"{entry_point} parses no arguments")
