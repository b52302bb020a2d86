"""Reader of dotenv files. It runs on Python 3.9: the preflight reads `.env` too."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

REFERENCE = r"\$\{([A-Za-z_]\w*)(?::?([-?])([^}]*))?\}"


def parse(text: str) -> dict[str, str]:
    """Return the variables that a dotenv file sets.

    Reads what Docker Compose and python-dotenv read alike: `NAME=value` lines, `export`, comments,
    values in single or double quotes, also over several lines. `expand` replaces variables in them.

    Args:
        text: The content of the file.

    Returns:
        Values by name, without quotes; a name that is set twice has its last value. Lines that set
        nothing are left out.
    """
    values = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, equals, value = line.strip().partition("=")
        name = name.strip()
        if name.startswith(("export ", "export\t")):
            name = name[len("export ") :].strip()
        if not (equals and name.isidentifier()):
            continue
        value = value.strip()
        if value[:1] in ("'", '"'):
            quote, value = value[0], value[1:]
            while quote not in value:
                following = next(lines, None)
                if following is None:
                    break
                value += "\n" + following
            value = value.partition(quote)[0]
        else:
            value = "" if value.startswith("#") else value.partition(" #")[0].rstrip()
        values[name] = value
    return values


def expand(values: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return values with `${NAME}` and `${NAME:-default}` replaced, as both programs do.

    Args:
        values: What `parse` returned. A value sees those before it.
        environ: The environment, which prevails over the file.
    """
    found: dict[str, str] = {}

    def replace(reference: re.Match[str]) -> str:
        value = environ.get(reference[1], found.get(reference[1], ""))
        return value or (reference[3] if reference[2] == "-" else "")

    for name, value in values.items():
        found[name] = re.sub(REFERENCE, replace, value) if "${" in value else value
    return found
