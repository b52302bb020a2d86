"""Three weeks of a project in short: runs of its tests with bugs, fixes and a flaky test."""

import os
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

PORT = 47_811
FLAKY = f'''\
"""The server of the readings."""

import socket


def test_server_starts() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", {PORT}))
        assert server.getsockname()[1] == {PORT}
'''
# Each part: the message of a commit, what changes in which file, and its runs; in a run that is
# marked the port of the flaky test is taken.
Edit = tuple[str, str, str]
STORY: list[tuple[str, Edit | None, str]] = [
    ("Start the project", None, "··"),
    ("Name batches by their window", ("utils.py", "minutes=minutes)", "hours=minutes)"), "··x"),
    ("Fix the window", ("utils.py", "hours=minutes)", "minutes=minutes)"), "·x··"),
    ("Skip empty batches", ("collect.py", "rows=len(lines)", "rows=len(lines) - 1"), "··"),
    ("Count every row again", ("collect.py", "rows=len(lines) - 1", "rows=len(lines)"), "·x··"),
    ("Publish before storing", ("collect.py", "store.write(name, ", "store.write(url, "), "·"),
]


def live_through(project: Path) -> None:
    """Make the commits and run the tests.

    Args:
        project: A new project with its environment.
    """
    (project / "tests" / "test_server.py").write_text(FLAKY, encoding="utf-8")
    (package,) = (path.parent for path in project.glob("src/*/__init__.py"))
    for message, edit, runs in STORY:
        if edit:
            name, old, new = edit
            path = package / name
            text = path.read_text(encoding="utf-8")
            if old not in text:
                raise ValueError(f"{path}: the story changes {old!r}, which is not there")
            path.write_text(text.replace(old, new), encoding="utf-8")
        _git(project, "add", "--all")
        _git(project, "commit", "--quiet", "--no-verify", f"--message={message}")
        for run in runs:
            with ExitStack() as stack:
                if run == "x":
                    server = stack.enter_context(socket.socket())
                    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    server.bind(("127.0.0.1", PORT))
                # It fails where the story wants it: the pictures show what it recorded.
                subprocess.run(
                    ["uv", "run", "--frozen", "--no-sync", "pytest", "--quiet", "-p", "no:xdist"],
                    cwd=project,
                    env={**os.environ, "CI": "false"},
                    check=False,
                    capture_output=True,
                )


def _git(project: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada Weber", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=project, check=True)
