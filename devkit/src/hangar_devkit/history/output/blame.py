"""Owners of a file, from CODEOWNERS, and suspect commits, from git."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

_LOCATIONS = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
_MAX_COMMITS = 5


def owners(root: Path, path: str) -> list[str]:
    """Return the owners of a file: the last pattern of CODEOWNERS that matches decides."""
    for location in _LOCATIONS:
        file = root / location
        if file.is_file():
            return _owners_in(file.read_text(encoding="utf-8", errors="replace"), path)
    return []


def _owners_in(text: str, path: str) -> list[str]:
    owners: list[str] = []
    section: list[str] = []
    for line in text.splitlines():
        content = re.sub(r"(?:^|\s)#.*", "", line).strip()
        header = re.match(r"\^?\[[^\]]+\](?:\[\d+\])?\s*(.*)", content)
        if header:
            section = header[1].split()
        elif content:
            pattern, *names = content.split()
            if _pattern(pattern).match(path):
                owners = names or section
    return owners


def _pattern(glob: str) -> re.Pattern[str]:
    anchored = "/" in glob.rstrip("/")
    body = glob.strip("/")
    text = "" if anchored else "(?:.*/)?"
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", body):
        text += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
            part, re.escape(part)
        )
    tail = "/.*" if glob.endswith("/") else "" if body.endswith("*") else "(?:/.*)?"
    return re.compile(f"{text}{tail}\\Z")


def suspects(root: Path, good: str, bad: str, paths: Sequence[str] = ()) -> list[str]:
    """Return the commits after the last good one up to the first bad one, newest first.

    Args:
        root: The project's root.
        good: The last commit that passed; without it only `bad` is a suspect.
        bad: The first commit that failed; if it is `good`, no commit is a suspect.
        paths: Only commits that touch these are returned, if there are any.
    """
    if not re.fullmatch(r"[0-9a-f]{7,64}", bad) or good == bad:
        return []
    known = re.fullmatch(r"[0-9a-f]{7,64}", good)
    span = [f"{good}..{bad}"] if known else ["-1", bad]
    for scope in ([*paths], []):
        if scope or not paths:
            lines = _log(root, [*span, "--", *scope])
            if lines:
                return lines
    return _log(root, span)


def _log(root: Path, arguments: Sequence[str]) -> list[str]:
    try:
        done = subprocess.run(
            ["git", "log", f"--max-count={_MAX_COMMITS}", "--format=%h %an: %s", *arguments],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeError):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []
