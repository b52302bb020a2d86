"""Find the file system that holds a path."""

from __future__ import annotations


def mounted_type(path: str, mountinfo: str) -> str:
    """Return the type of the file system of an absolute path; empty where it is unknown.

    Args:
        path: The path.
        mountinfo: The text of `/proc/self/mountinfo`.
    """
    deepest, found = "", ""
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        point = fields[4].replace("\\040", " ")
        holds = f"{path}/".startswith(point.rstrip("/") + "/")
        if holds and len(point) >= len(deepest):
            deepest, found = point, fields[fields.index("-") + 1]
    return found
