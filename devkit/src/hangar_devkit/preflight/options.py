"""The command line of `preflight`, read with getopt: argparse costs 15 ms before every test."""

from __future__ import annotations

import getopt
from typing import NamedTuple

from hangar_devkit.preflight.declaration import MANAGERS, PURPOSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SCOPES = ("host", "container", "test", "ci")
FORMATS = ("human", "json", "github")
HELP = """\
preflight says what is wrong with this machine, and what mends it.

  preflight [OPTION]...                              check this machine
  preflight install [--dry-run]                      install what is lacking
  preflight apt|dnf|brew|winget [--for runtime|dev]  print declared packages

What is checked
  --scope SCOPE   test: where tests run; host: where containers are started;
                  container: inside one; ci. Repeatable; found out without it,
                  but for host
  --only ID       PF301, or PF3 for its area; repeatable
  --ignore ID     its errors become warnings; nothing is hidden; repeatable
  --strict        warnings, and what could not be checked, are errors
  --deep          also ask other programs, which takes longer
  --project DIR   where the project is looked for, upwards

What is told
  --format FORM   human, json or github
  -v, --verbose   also what is fine
  --report        a table without names and paths, for a bug report
  --list          all checks
  --explain ID    all about one check

What is mended
  --fix           what is safe to mend, then check again
  --dry-run       with --fix or install: only say what would be done

Exit codes: 0 fine or warnings only, 1 errors, 2 bad declaration or command line.
"""
COMMANDS = ("install", *MANAGERS)
FLAGS = ("strict", "deep", "verbose", "report", "list", "fix", "dry-run", "help")
VALUES = ("scope", "only", "ignore", "project", "format", "explain", "for")
ALLOWED = {"scope": SCOPES, "format": FORMATS, "for": PURPOSES}


class UsageError(Exception):
    """The command line cannot be understood; the text says why."""


class Options(NamedTuple):
    """What the command line asks for."""

    flags: frozenset[str]
    command: str = ""  # one of COMMANDS; a check when empty
    purpose: str = "dev"
    scopes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    project: str = ""
    format: str = "human"
    explain: str = ""


def parse(arguments: Sequence[str]) -> Options:
    """Read a command line.

    Raises:
        UsageError: An option or a value is unknown.
    """
    try:
        pairs, rest = getopt.gnu_getopt(
            list(arguments), "vh", [*FLAGS, *(f"{name}=" for name in VALUES)]
        )
    except getopt.GetoptError as error:
        raise UsageError(f"{error.msg} (allowed: --{', --'.join(FLAGS + VALUES)})") from None
    if len(rest) > 1 or not set(rest) <= set(COMMANDS):
        raise UsageError(f"unknown command {' '.join(rest)!r} (allowed: {', '.join(COMMANDS)})")
    flags = set()
    values: dict[str, list[str]] = {name: [] for name in VALUES}
    for option, value in pairs:
        name = {"-v": "verbose", "-h": "help"}.get(option, option[2:])
        if name not in VALUES:
            flags.add(name)
        elif name in ALLOWED and value not in ALLOWED[name]:
            raise UsageError(f"--{name} {value!r} (allowed: {', '.join(ALLOWED[name])})")
        else:
            values[name].append(value)

    def last(name: str, otherwise: str = "") -> str:
        return values[name][-1] if values[name] else otherwise

    return Options(
        frozenset(flags),
        command=rest[0] if rest else "",
        purpose=last("for", "dev"),
        scopes=tuple(values["scope"]),
        only=_ids(values["only"]),
        ignore=_ids(values["ignore"]),
        project=last("project"),
        format=last("format", "human"),
        explain=last("explain").upper(),
    )


def _ids(values: list[str]) -> tuple[str, ...]:
    parts = [part.strip().upper() for value in values for part in value.split(",")]
    return tuple(part for part in parts if part)
