"""A project with a suite of its own, run by a pytest of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from hangar_devkit.history.analysis.findings import examine
from hangar_devkit.history.output.exchange import failures
from hangar_devkit.history.recording.content_keys import ContentKeys
from hangar_devkit.history.store.store import Store

RECORDER = ("-p", "hangar_devkit.history.plugin")
XDIST = ("-p", "xdist.plugin")
RERUNS = ("-p", "pytest_rerunfailures")

TRIVIAL = "def test_it(): pass\n"
FAILING = "def test_it(): raise ValueError\n"


@dataclass
class Suite:
    """A project below `root`; only the recorder and the plugins that are named are loaded."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.root / ".cache/history/history.sqlite"

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]

    def settings(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "DEVKIT_", "GITHUB_", "CI"))
        }
        # A test edits a file twice in a second: bytecode of before would run.
        own = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        return inherited | own | self.environment

    def run(
        self, *options: str, recorder: Sequence[str] = RECORDER
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*recorder, *options),
            cwd=self.root,
            env=self.settings(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with Store.open(self.path, create=False) as store:
            return list(store.connection.execute(sql))

    def outcomes(self) -> list[tuple[object, ...]]:
        """Return node id, attempt and outcome of every result, without the file's name."""
        return [
            (str(nodeid).partition("::")[2] or nodeid, attempt, outcome)
            for nodeid, attempt, outcome in self.query(
                "SELECT nodeid, attempt, outcome FROM result JOIN test ON test.id=result.test"
                " ORDER BY run, nodeid, attempt"
            )
        ]

    def exported(self) -> list[dict[str, object]]:
        with Store.read(self.path) as store:
            return list(failures(store, examine(store)))


def write_files(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below a directory, and return it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def key(root: Path) -> str:
    """Return the content key of `tests/test_shop.py`."""
    return ContentKeys(root, time.time() + 60)["tests/test_shop.py"]
