"""Tests of runs that fail: one line, what is kept, going on, and trying a run before."""

import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from my_project.pipeline.errors import message
from my_project.pipeline.hooks import TRACKING
from my_project.pipeline.nodes import evaluation
from my_project.tracking.outbox import acquire_lock

Run = Callable[..., Result]
HEADER = "time,source,unit,value"
FILE = "data.source={kind: file, path: in.csv}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "in.csv is empty"),
        (f"{HEADER}\n2026-01-05T08:00:00,boiler-1,celsius,1\n", "row 1: time must be .* time zone"),
        (f"{HEADER}\n2026-01-05,boiler-1,celsius,1\n", "row 1: time must be .* not '2026-01-05'"),
        (f"{HEADER}\n,boiler-1,celsius,1\n", "row 1: time must be .* not None"),
        (
            f"{HEADER}\n2026-01-05T08:00:00Z,boiler-1,celsius,much\n",
            "in.csv: could not parse `much`",
        ),
        ("date,source,unit,value\n2026-01-05T08:00:00Z,boiler-1,celsius,1\n", "time is missing"),
        (f"{HEADER}\n", "dataset .readings. on save"),
        ("PK\x03\x04\x00", "in.csv"),
    ],
)
def test_bad_file_is_explained_in_one_line(run: Run, project: Path, text: str, reason: str) -> None:
    (project / "in.csv").write_text(text, encoding="utf-8")
    output = run("train", "--set", FILE).output
    assert re.search(rf"^error: .*{reason}", output, re.MULTILINE), output


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("faults.share=0.0001", r"0 of \d+ windows are faulty \(faults.share\)"),
        ("split.method.held_out=0.001", "too few to hold out a share of 0.001"),
        (
            "training.model={kind: mlp_autoencoder, layers: [65536, 65536]}",
            "at most 50000000 weights",
        ),
    ],
)
def test_bad_parameter_is_explained_in_one_line(run: Run, given: str, reason: str) -> None:
    output = run("train", "--set", given).output
    assert re.search(rf"^error: .*{reason}.*\n\Z", output, re.MULTILINE), output


def test_full_disk_is_one_line() -> None:
    failures = [(f"/code/{n}.py", f"/to/{n}.py", "[Errno 28] No space left") for n in range(60)]
    assert message(shutil.Error(failures)) == (
        "/code/0.py (and 59 other files): [Errno 28] No space left"
    )


def test_too_little_memory_is_one_line() -> None:
    assert message(MemoryError()) == "not enough memory: choose a smaller model, or less data"


class Failing:
    """A step that fails once it has been told to."""

    def __call__(self, *_arguments: Any) -> Any:
        """Fail as a library does on data that it does not expect."""
        raise ValueError("the labels are odd\nand more")


@pytest.fixture
def failed(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """The result of a training whose step `compare` failed, in a project that works again."""
    with monkeypatch.context() as patch:
        patch.setattr(evaluation, "leaderboard", Failing())
        result = run("train")
    assert (project / "runs" / "errors").is_dir(), result.output
    return result


def test_failed_step_is_named_in_one_line(failed: Result) -> None:
    line = "error: step compare failed: ValueError: the labels are odd and more (traceback: runs/"
    assert failed.output.splitlines()[-1].startswith(line)


@pytest.mark.usefixtures("failed")
def test_traceback_is_in_a_file(project: Path) -> None:
    (file,) = (project / "runs" / "errors").iterdir()
    assert "in compare" in file.read_text(encoding="utf-8")


def name_of(project: Path) -> str:
    """Return the name of the only run in the outbox."""
    (directory,) = (project / "runs" / "outbox").iterdir()
    return directory.name


@pytest.mark.usefixtures("failed")
def test_failed_run_is_listed_with_its_command(run: Run, project: Path) -> None:
    assert f"`train --continue {name_of(project)}` goes on" in run("runs", "list").output


@pytest.mark.usefixtures("failed")
def test_failed_run_goes_on_with_the_missing_steps(run: Run, project: Path) -> None:
    run("train", "--continue", name_of(project))
    assert "train" not in TRACKING.seconds


@pytest.mark.usefixtures("failed")
def test_run_that_went_on_has_the_same_result(run: Run, project: Path, trained_once: Path) -> None:
    expected = (trained_once / "output.txt").read_text(encoding="utf-8").splitlines()[-1]
    assert run("train", "--continue", name_of(project)).stdout.splitlines()[-1] == expected


@pytest.mark.usefixtures("failed")
def test_run_that_went_on_leaves_the_outbox(run: Run, project: Path) -> None:
    run("train", "--continue", name_of(project))
    assert [*(project / "runs" / "outbox").iterdir()] == []


@pytest.mark.usefixtures("failed")
def test_active_run_does_not_go_on(run: Run, project: Path) -> None:
    name = name_of(project)
    with closing(acquire_lock(project / "runs" / "outbox" / name)):
        assert "another process uses this directory" in run("train", "--continue", name).output


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", ["x", "../..", "."])
def test_unknown_run_does_not_go_on(run: Run, name: str) -> None:
    output = run("train", "--continue", name).output
    assert re.match(r"error: (no run x can go on|.* is not a valid name of a run)", output), output


def test_rejected_run_is_not_kept(run: Run, project: Path) -> None:
    run("train", "--set", "evaluation.least=1")
    assert [*(project / "runs" / "outbox").iterdir()] == []


@pytest.mark.parametrize("mode", ["batch", "rows", "profile"])
def test_debug_run_is_not_tracked(run: Run, project: Path, mode: str) -> None:
    result = run("train", "--debug", mode)
    left = [*(project / "runs" / "outbox").iterdir()]
    assert (result.stdout.splitlines()[-1], left) == ("a debug run: nothing was tracked", [])


@pytest.mark.usefixtures("project")
def test_debug_run_shows_the_seconds_of_each_step(run: Run) -> None:
    assert re.search(r"^ +\d+\.\d\d s  cut$", run("train", "--debug", "rows").stdout, re.MULTILINE)


def test_profile_is_written(run: Run, project: Path) -> None:
    run("train", "--debug", "profile")
    assert (project / "runs" / "profile.pstats").is_file()
