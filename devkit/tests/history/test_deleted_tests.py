"""A test that was deleted has nothing left to fix; one that did not run this time has."""

import json
from pathlib import Path

import pytest

from hangar_devkit.history import cli
from hangar_devkit.history.analysis.deleted_tests import is_deleted
from hangar_devkit.history.sources import Sources

from .suite import Suite


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose tests are defined in more than one way."""
    root = tmp_path_factory.mktemp("sources")
    (root / "base.py").write_text("class Base:\n    def test_inherited(self): pass\n")
    (root / "test_a.py").write_text(
        "from base import Base\n\n\ndef test_here(): pass\n\n\nclass TestIt(Base): pass\n"
    )
    (root / "empty.py").write_text('"""Nothing yet."""\n')
    (root / "broken.py").write_text("def test_x(:")
    return root


@pytest.mark.parametrize(
    ("nodeid", "deleted"),
    [
        ("test_a.py::test_here", False),
        ("test_a.py::test_here[a::b]", False),
        ("test_a.py::test_her", True),
        ("test_a.py::TestIt::test_inherited", False),
        ("test_a.py::TestIt::test_deleted", True),
        ("test_a.py::mypy", False),
        ("test_a.py", False),
        ("empty.py", True),
        ("broken.py", False),
        ("test_b.py", True),
        ("test_b.py::test_here", True),
        ("notes.txt::notes.txt", True),
    ],
)
def test_a_deleted_test_is_found(sources: Path, nodeid: str, deleted: bool) -> None:
    assert is_deleted(sources, Sources(str(sources)), nodeid) is deleted


@pytest.fixture
def failed(suite: Suite) -> Suite:
    """A suite of which one test failed."""
    suite.write("test_a.py", "def test_a():\n    assert False\n\ndef test_b(): pass\n")
    suite.run()
    return suite


def queue(suite: Suite, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what triage says."""
    capsys.readouterr()
    assert cli.triage_main(["--root", str(suite.root), "--format", "json"]) == 0
    return capsys.readouterr().out


def test_a_deleted_test_leaves_the_queue(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    failed.write("test_a.py", "def test_b(): pass\n")
    failed.run()
    assert json.loads(queue(failed, capsys))["items"] == []


def test_a_test_that_was_left_out_stays_on_the_queue(
    failed: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    failed.run("-k", "test_b")
    assert "test_a.py::test_a" in queue(failed, capsys)


def test_a_history_of_elsewhere_keeps_its_queue(
    failed: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    failed.run("-k", "test_b")
    (failed.root / "test_a.py").unlink()
    assert "test_a.py::test_a" in queue(failed, capsys)


def test_a_renamed_test_stays_in_its_class(failed: Suite) -> None:
    failed.write("test_a.py", "def test_c():\n    assert False\n\ndef test_b(): pass\n")
    failed.run()
    assert len(set(failed.query("SELECT class FROM failure"))) == 1
