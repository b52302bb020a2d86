"""Make runs of real test suites red for a known reason, and ask `hangar history prove` for it.

Every project gets a conftest whose fixture uses a package, a variable, the time zone and a file
outside the project in three tests of ten. After two green runs one thing is changed, or nothing,
and in about half of the cases something innocent as well. "Cannot tell" counts as wrong.

Usage: python -m benchmarks.experiments.red_runs [PROJECT]...
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.experiments import record_faults
from benchmarks.experiments.mutate import apply, faults
from hangar_devkit.history.store.store import Store

CAUSES = ("code", "dependency", "machine", "chance")
BUDGET = 100
_CONFTEST = """
import os, pathlib, random, time, zlib
import pytest
import seedlib

RATE = {rate}


@pytest.fixture(autouse=True)
def _seeded(request):
    if zlib.crc32(request.node.nodeid.encode()) % 10 < 3:
        assert seedlib.check(request.node.nodeid) == "fine"
        assert os.environ["SEED_MODE"] == "on"
        assert time.timezone == 0
        assert pathlib.Path({service!r}).read_text() == "up"
        assert random.random() >= RATE
"""


@dataclass
class Project:
    """A project with a history, at one path for all its cases."""

    root: Path
    name: str
    environment: dict[str, str]
    rate: float = 0.0

    @property
    def outside(self) -> Path:
        """The directory beside the project."""
        return self.root.parent / "outside"

    @property
    def packages(self) -> Path:
        """The installed packages of the fixture."""
        return self.outside / "site-packages"

    def prepare(self, rate: float) -> None:
        """Unpack the project, add the fixture, commit, and run its tests twice."""
        shutil.rmtree(self.root.parent, ignore_errors=True)
        self.root.parent.mkdir(parents=True)
        shutil.copytree(record_faults.unpack(self.name), self.root)
        self.packages.mkdir(parents=True)
        self.install("1.0", "def check(name):\n    return 'fine'\n")
        (self.packages / "otherlib-1.0.dist-info").mkdir()
        (self.outside / "service.txt").write_text("up", encoding="utf-8")
        conftest = self.root / "conftest.py"
        before = conftest.read_text(encoding="utf-8") if conftest.exists() else ""
        text = _CONFTEST.format(rate=rate, service=str(self.outside / "service.txt"))
        conftest.write_text(before + text, encoding="utf-8")
        (self.root / ".gitignore").write_text(".cache/\n__pycache__/\n", encoding="utf-8")
        self.git("init", "--quiet")
        self.commit("Begin")
        for _ in range(2):
            self.run()

    def install(self, version: str, source: str) -> None:
        """Install a version of the package that the fixture uses."""
        for old in self.packages.glob("seedlib-*.dist-info"):
            old.rmdir()
        (self.packages / f"seedlib-{version}.dist-info").mkdir()
        (self.packages / "seedlib.py").write_text(source, encoding="utf-8")

    def git(self, *arguments: str) -> None:
        """Run git."""
        identity = ("-c", "user.name=Seed", "-c", "user.email=seed@example.com")
        command = ["git", *identity, *arguments]
        subprocess.run(command, cwd=self.root, check=True, capture_output=True)

    def commit(self, message: str) -> None:
        """Commit what changed."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--no-verify", f"--message={message}")

    def run(self) -> None:
        """Run the test suite with the recorder."""
        _, arguments = record_faults.PROJECTS[self.name]
        command = [sys.executable, "-m", "pytest", *record_faults.OPTIONS, *arguments]
        self._call(command)

    def is_red(self) -> bool:
        """Return whether the newest run has a failure."""
        with Store.read(self.store) as store:
            row = store.connection.execute(
                "SELECT broken FROM run ORDER BY started DESC, id DESC"
            ).fetchone()
        return bool(row and row[0])

    @property
    def store(self) -> Path:
        """The store."""
        return self.root / ".cache/history/history.sqlite"

    def answer(self) -> str:
        """Return the answer for most of the failed tests."""
        options = [f"--option={each}" for each in record_faults.OPTIONS if each != "-q"]
        command = [sys.executable, "-m", "hangar_devkit", "history", f"--store={self.store}"]
        done = self._call([*command, "prove", f"--budget={BUDGET}", *options])
        lines = done.stdout.splitlines()
        return lines[1].partition(":")[0] if len(lines) > 1 else f"error: {done.stderr[-300:]}"

    def _call(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        package, _ = record_faults.PROJECTS[self.name]
        path = [(self.root / package).parent, record_faults.CACHE / "needs", self.packages]
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "DEVKIT_"))
        }
        environment = {
            **inherited,
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "SEED_MODE": "on",
            "TZ": "UTC",
            **self.environment,
        }
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip


def unrelated_code(project: Project) -> None:
    """Change a source of the project without effect, and commit it."""
    package, _ = record_faults.PROJECTS[project.name]
    paths = [*sorted((project.root / package).glob("*.py"))]
    with paths[0].open("a", encoding="utf-8") as file:
        file.write("\n# A remark.\n")
    project.commit("Remark")


def unrelated_dependency(project: Project) -> None:
    """Install another version of a package that nothing uses."""
    old = project.packages / "otherlib-1.0.dist-info"
    old.rename(old.with_name("otherlib-1.1.dist-info"))


def fault(number: int) -> Callable[[Project], None]:
    """Return a change of the code that breaks tests."""

    def change(project: Project) -> None:
        package, _ = record_faults.PROJECTS[project.name]
        kept = 0
        for each in faults(project.root, package, 60, seed=7):
            before = apply(project.root, each)
            project.run()
            if project.is_red():
                if kept == number:
                    project.commit("Change")
                    return
                kept += 1
            (project.root / each.path).write_bytes(before)

    return change


def new_version(project: Project) -> None:
    """Install a version whose function has another name."""
    project.install("2.0", "def verify(name):\n    return 'fine'\n")


def wrong_version(project: Project) -> None:
    """Install a version that returns something else."""
    project.install("2.0", "def check(name):\n    return 'other'\n")


def edited_version(project: Project) -> None:
    """Change the installed package without another version."""
    source = "def check(name):\n    raise TypeError('edited')\n"
    (project.packages / "seedlib.py").write_text(source, encoding="utf-8")


def variable(project: Project) -> None:
    """Change a variable of the environment."""
    project.environment["SEED_MODE"] = "off"


def zone(project: Project) -> None:
    """Move to another time zone."""
    project.environment["TZ"] = "XXX-5"


def service(project: Project) -> None:
    """Stop what the tests use outside the project."""
    (project.outside / "service.txt").write_text("down", encoding="utf-8")


def nothing(project: Project) -> None:
    """Change nothing."""
    del project


@dataclass(frozen=True)
class Case:
    """A red run with a known cause."""

    cause: str
    change: Callable[[Project], None]
    innocent: Callable[[Project], None] = nothing
    rate: float = 0.0


CASES = (
    Case("code", fault(0)),
    Case("code", fault(1), unrelated_dependency),
    Case("code", fault(2)),
    Case("dependency", new_version),
    Case("dependency", edited_version),
    Case("dependency", wrong_version, unrelated_code),
    Case("machine", variable),
    Case("machine", service),
    Case("machine", zone, unrelated_code),
    Case("chance", nothing, rate=0.02),
    Case("chance", nothing, unrelated_code, rate=0.1),
    Case("chance", nothing, unrelated_dependency, rate=0.3),
)


def measure(names: list[str], directory: Path) -> Iterator[tuple[str, str, str]]:
    """Yield project, true cause and answer of every case whose run became red."""
    for name in names:
        for case in CASES:
            project = Project(directory / name / "project", name, {})
            project.prepare(case.rate)
            if not project.store.parent.exists() or (not case.rate and project.is_red()):
                break  # its own suite is not green here
            case.innocent(project)
            case.change(project)
            project.run()
            for _ in range(6):
                if not project.is_red() and case.rate:
                    project.run()
            if project.is_red():
                yield name, case.cause, project.answer()


def as_markdown(answers: list[tuple[str, str, str]]) -> str:
    """Return the table of the answers."""
    names = list(dict.fromkeys(name for name, _, _ in answers))
    lines = [
        "## Why a run is red",
        "",
        "`hangar history prove` after a run that one known thing made red, in some cases with",
        'an innocent change beside it. Right answers of all; "cannot tell" counts as wrong.',
        "",
        f"| Project | {' | '.join(CAUSES)} |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name in [*names, "all"]:
        cells = []
        for cause in CAUSES:
            given = [a for n, c, a in answers if c == cause and name in {n, "all"}]
            cells.append(f"{given.count(cause)} of {len(given)}" if given else "none red")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    wrong = Counter((cause, answer) for _, cause, answer in answers if cause != answer)
    text = "; ".join(f"{n} x {c} taken for {a}" for (c, a), n in sorted(wrong.items()))
    return "\n".join([*lines, "", f"Wrong answers: {text or 'none'}.", ""])


def main() -> None:
    """Measure the projects given on the command line, by default those of the acceptance set."""
    record_faults.install_requirements()
    names = sys.argv[1:] or list(record_faults.ACCEPTANCE)
    with tempfile.TemporaryDirectory() as directory:
        answers = []
        for answer in measure(names, Path(directory)):
            print(*answer, flush=True)
            answers.append(answer)
    print(as_markdown(answers))


if __name__ == "__main__":
    main()
