"""Sections of a changelog: one for each version, and one for what is not released yet."""

import re

_HEADING = re.compile(r"## +(?P<open>\[?)(?P<name>[^\]\s]+)\]?(?P<rest>.*)")
UNRELEASED = "unreleased"


def section(text: str, version: str) -> str | None:
    """Return the text below the heading of a version; None where it has no section.

    Args:
        text: A changelog in the form of Keep a Changelog: `## 1.2.0`, `## [1.2.0] - 2026-01-31`.
        version: The version, or `unreleased`.
    """
    found: list[str] | None = None
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading and found is not None:
            break
        if found is not None:
            found.append(line)
        elif heading and _is(heading["name"], version):
            found = []
    return None if found is None else "\n".join(found).strip()


def release(text: str, version: str, date: str) -> str:
    """Turn the section of what is not released into that of a version.

    A new, empty section `Unreleased` is put above it. A changelog that has a section for the
    version is returned as it is.

    Args:
        text: The changelog.
        version: The new version.
        date: The day of the release, as `2026-01-31`.
    """
    if section(text, version) is not None:
        return text
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        heading = _HEADING.match(line)
        if heading and _is(heading["name"], UNRELEASED):
            name = f"[{version}]" if heading["open"] else version
            end = line[len(line.rstrip("\r\n")) :] or "\n"
            lines[number] = f"{line.rstrip()}{end}{end}## {name} - {date}{end}"
            break
    return "".join(lines)


def _is(name: str, version: str) -> bool:
    return name.lower().removeprefix("v") == version.lower().removeprefix("v")
