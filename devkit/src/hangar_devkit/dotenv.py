"""Reader of dotenv files. It runs on Python 3.9: the preflight reads `.env` too."""

from __future__ import annotations


def parse(text: str) -> dict[str, str]:
    """Return the variables that a dotenv file sets.

    Reads what Docker Compose and python-dotenv read alike: `NAME=value` lines, `export`, comments,
    values in single or double quotes, also over several lines. Nothing is expanded.

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
