"""A project locks no release that is younger than its cooldown, whatever the index says."""

import contextlib
import functools
import json
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import Quiet, serving
from tests.support.template import source

pytestmark = pytest.mark.slow

Serve = Callable[..., str]
AGES = {"1.0": timedelta(days=300), "2.0": timedelta(days=1)}
PROJECT = """\
[project]
name = "x"
version = "1"
requires-python = ">=3.11"
dependencies = ["thing"]

[tool.uv]
index-url = "{index}"
{settings}
"""


def write_wheel(directory: Path, version: str) -> None:
    """Write a wheel that holds nothing."""
    info = f"thing-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: thing\nVersion: {version}\n"
    with zipfile.ZipFile(directory / f"thing-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


class Index(Quiet):
    """A package index: https://peps.python.org/pep-0691/, https://peps.python.org/pep-0700/."""

    with_times = True

    def do_GET(self) -> None:  # noqa: N802 - the name is given
        """Answer with the files of the package, or with a file."""
        if not self.path.endswith("/thing/"):
            super().do_GET()
            return
        body = json.dumps({"meta": {"api-version": "1.1"}, "name": "thing", "files": self.files()})
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
        self.end_headers()
        self.wfile.write(body.encode())

    def files(self) -> list[dict[str, Any]]:
        """Describe the wheels, with the time of the upload if the index gives it."""
        found = []
        for version, age in AGES.items():
            name = f"thing-{version}-py3-none-any.whl"
            described: dict[str, Any] = {"filename": name, "url": f"/{name}", "hashes": {}}
            if self.with_times:
                described["upload-time"] = (datetime.now(UTC) - age).isoformat()
            found.append(described)
        return found


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start an index on this machine."""
    for version in AGES:
        write_wheel(tmp_path, version)
    with contextlib.ExitStack() as stack:

        def start(*, with_times: bool) -> str:
            handler = type("Handler", (Index,), {"with_times": with_times})
            return stack.enter_context(serving(functools.partial(handler, directory=str(tmp_path))))

        yield start


def lock(place: Path, index: str, more: str = "") -> "subprocess.CompletedProcess[str]":
    """Lock a project with the template's own cooldown."""
    text = source("pyproject.toml").read_text(encoding="utf-8")
    (cooldown,) = re.findall(r"^exclude-newer = .*$", text, re.MULTILINE)
    project = place / "project"
    project.mkdir()
    settings = PROJECT.format(index=index, settings=f"{cooldown}\n{more}")
    (project / "pyproject.toml").write_text(settings, encoding="utf-8")
    command = ["uv", "lock", f"--cache-dir={place / 'cache'}"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def locked(place: Path) -> str:
    """Return the version of the package in the lock."""
    text = (place / "project/uv.lock").read_text(encoding="utf-8")
    (version,) = re.findall(r'name = "thing"\nversion = "(.+)"', text)
    return str(version)


def test_a_young_release_is_not_locked(tmp_path: Path, serve: Serve) -> None:
    lock(tmp_path, serve(with_times=True))
    assert locked(tmp_path) == "1.0"


def test_an_excepted_package_is_locked_at_once(tmp_path: Path, serve: Serve) -> None:
    lock(tmp_path, serve(with_times=True), 'exclude-newer-package = { thing = "0 days" }')
    assert locked(tmp_path) == "2.0"


def test_an_index_without_times_is_refused(tmp_path: Path, serve: Serve) -> None:
    done = lock(tmp_path, serve(with_times=False))
    assert "exclude-newer-package" in done.stderr


def test_packages_of_an_index_without_times_can_be_excepted(tmp_path: Path, serve: Serve) -> None:
    lock(tmp_path, serve(with_times=False), "exclude-newer-package = { thing = false }")
    assert locked(tmp_path) == "2.0"
