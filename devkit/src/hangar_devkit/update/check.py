"""Compare a project's version with the template's releases, without changing anything."""

import json
import sys
from pathlib import Path

from hangar_devkit.update import releases, state
from hangar_devkit.update.errors import UpdateError, redact
from hangar_devkit.update.git import user_git

CURRENT, OUTDATED, UNKNOWN = 0, 1, 2
_STATUS = {CURRENT: "current", OUTDATED: "outdated", UNKNOWN: "unknown"}


def check(root: Path, tag: str | None, *, as_json: bool) -> int:
    """Report whether a release is newer than the project's version.

    Args:
        root: The project.
        tag: The release to compare with; the newest when None.
        as_json: Whether to print one JSON object instead of a sentence.

    Returns:
        0 if no release is newer, 1 if one is, 2 if the template could not be asked.
    """
    template = current = release = error = None
    try:
        own = state.read_state(root)
        template = redact(own.template)
        known = releases.find_releases(user_git(root), own.template)
        chosen = releases.choose(known, tag)
        version = _version(root, known, own)
        current, release = releases.Release(version, own.commit).tag, chosen.tag
        code = CURRENT if version >= chosen.version else OUTDATED
    except UpdateError as problem:
        code, error = UNKNOWN, str(problem)
    if as_json:
        answer = {"status": _STATUS[code], "current": current, "release": release}
        print(json.dumps({**answer, "template": template, "error": error}))
    elif error:
        print(error, file=sys.stderr)
    elif code == OUTDATED:
        print(f"{release} is available; the project has {current}. Run: nox -s update")
    else:
        newest = "the newest release" if tag is None else f"not older than {release}"
        print(f"Up to date: {current} is {newest}.")
    return code


def _version(
    root: Path, known: list[releases.Release], own: state.TemplateState
) -> releases.Version:
    version = releases.current(known, own.commit, lambda: state.own_version(root))
    if version is None:
        raise UpdateError(
            f"Could not check: the project's commit {own.commit[:12]} is not a release, and"
            " pyproject.toml has no [tool.hangar] template."
        )
    return version
