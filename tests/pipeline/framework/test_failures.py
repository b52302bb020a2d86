"""Tests of runs that fail: one line, what is kept, going on, and trying a run before."""

import json
import math
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from my_project.models.parameters import PACKAGE
from my_project.pipeline import configuration, evaluating, pipeline_registry
from my_project.pipeline.errors import message
from my_project.pipeline.hooks import TRACKING
from my_project.pipeline.nodes import evaluation
from my_project.pipeline.packaging import package
from my_project.pipeline.running import scratch
from my_project.tracking.outbox import acquire_lock, delete
from my_project.tracking.port import TrackingError
from my_project.tracking.record import SENT

from .conftest import train_in

Run = Callable[..., Result]
HEADER = "time,source,unit,value"
FILE = "data.source={type: file, path: in.csv}"


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
            "training.model={type: mlp_autoencoder, layers: [65536, 65536]}",
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
    """A step that fails, by default as a library does on data that it does not expect."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error or ValueError("the labels are odd\nand more")

    def __call__(self, *_arguments: Any) -> Any:
        raise self.error


@pytest.fixture(scope="module")
def failed_once(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Path:
    """A project whose training failed in its step `compare`; `failed` copies it."""
    directory = tmp_path_factory.mktemp("failed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluating, "ranked", Failing())
        output = train_in(directory, empty_store).output
    (directory / "output.txt").write_text(output, encoding="utf-8")
    return directory


@pytest.fixture
def failed(project: Path, failed_once: Path) -> str:
    """The output of a training whose step `compare` failed, in a project that works again."""
    shutil.copytree(failed_once, project, dirs_exist_ok=True)
    return (project / "output.txt").read_text(encoding="utf-8")


def test_failed_step_is_named_in_one_line(failed: str) -> None:
    line = "error: step compare failed: ValueError: the labels are odd and more (traceback: runs/"
    assert failed.splitlines()[-1].startswith(line)


@pytest.mark.usefixtures("failed")
def test_traceback_is_in_a_file(project: Path) -> None:
    (file,) = (project / "runs" / "errors").iterdir()
    assert "in compare" in file.read_text(encoding="utf-8")


def name_of(project: Path) -> str:
    """Return the name of the only run in the outbox."""
    (directory,) = (project / "runs" / "outbox").iterdir()
    return directory.name


def edit_record(project: Path, changes: dict[str, Any]) -> None:
    """Change fields of the record of the only run in the outbox."""
    file = project / "runs" / "outbox" / name_of(project) / SENT
    record = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**record, **changes}), encoding="utf-8")


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
def test_part_of_a_sweep_stays_one(run: Run, project: Path) -> None:
    changes = {"candidate": False, "parent": "a" * 32, "tags": {"sweep": "x"}}
    edit_record(project, changes | {"run": None})
    run("train", "--continue", name_of(project))
    assert TRACKING.outcome is not None
    kept = TRACKING.outcome.record.model_dump(include={*changes})
    assert {**kept, "tags": {"sweep": kept["tags"].get("sweep")}} == changes


def test_run_goes_on_with_its_own_pipeline(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipelines = pipeline_registry.register_pipelines()
    other = {**pipelines, "other": pipelines["__default__"]}
    monkeypatch.setattr(pipeline_registry, "register_pipelines", lambda: other)
    problems = (project / "conf" / "base" / "problems.yml").read_text(encoding="utf-8")
    local = problems.replace("default:", "other:")
    (project / "conf" / "local" / "problems.yml").write_text(local, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(evaluating, "ranked", Failing())
        run("train", "--pipeline", "other")
    run("train", "--continue", name_of(project))
    assert TRACKING.outcome is not None
    assert TRACKING.outcome.record.tags["pipeline"] == "other"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("option", ["--pipeline", "--env"])
def test_option_without_an_effect_on_a_run_that_goes_on_is_refused(run: Run, option: str) -> None:
    assert f"without --pipeline{'' if option == '--pipeline' else ', --set'}" in (
        run("train", "--continue", "x", option, "other").output
    )


@pytest.fixture
def killed(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a run that was interrupted in its step `compare`."""
    with monkeypatch.context() as patch:
        patch.setattr(evaluating, "ranked", Failing(KeyboardInterrupt()))
        run("train")
    acquired, TRACKING._lock = TRACKING._lock, None  # type: ignore[assignment]
    acquired.close()  # as at the end of a process
    return name_of(project)


def test_sent_run_keeps_what_it_goes_on_with(run: Run, killed: str) -> None:
    sent = run("resume").output
    run("train", "--continue", killed)
    went_on = "train" not in TRACKING.seconds
    assert (f"`train --continue {killed}` goes on" in sent, went_on) == (True, True), sent


def test_damaged_record_is_listed(run: Run, project: Path, killed: str) -> None:
    (project / "runs" / "outbox" / killed / "record.json").write_text("{", encoding="utf-8")
    assert "damaged: record.json cannot be read" in run("runs", "list").output


@pytest.mark.parametrize("command", [("resume",), ("train", "--continue", "NAME")])
def test_damaged_record_is_explained(
    run: Run, project: Path, killed: str, command: tuple[str, ...]
) -> None:
    (project / "runs" / "outbox" / killed / "record.json").write_text("{", encoding="utf-8")
    output = run(*(killed if each == "NAME" else each for each in command)).output
    assert re.search(r"^error: .*record.json is damaged: ", output, re.MULTILINE), output


@pytest.fixture
def mistaken(project: Path) -> Callable[[str, str], None]:
    """A function that replaces a text in the declaration of the problem."""

    def replace(old: str, new: str) -> None:
        file = project / "conf" / "base" / "problems.yml"
        text = file.read_text(encoding="utf-8").replace(old, new)
        file.write_text(text, encoding="utf-8")

    return replace


Mistaken = Callable[[str, str], None]


def test_unknown_dataset_is_refused_before_the_training(run: Run, mistaken: Mistaken) -> None:
    mistaken("  metrics: metrics", "  metrics: measures")
    output = run("train").output
    assert ("has no dataset measures" in output, TRACKING.seconds) == (True, {}), output


def test_run_without_the_metric_is_not_lost(run: Run, project: Path, mistaken: Mistaken) -> None:
    mistaken("metric: roc_auc", "metric: auc")
    run("train")
    mistaken("metric: auc", "metric: roc_auc")
    result = run("train", "--continue", name_of(project))
    assert (result.exit_code, TRACKING.seconds) == (0, {}), result.output


@pytest.mark.usefixtures("project")
def test_model_whose_metric_is_not_a_number_is_not_registered(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "_measured", lambda *_: {"roc_auc": math.nan})
    output = run("train").output
    listed = run("models", "list").output
    found = ("error: roc_auc is not a number" in output, "no version of" in listed)
    assert found == (True, True), output


def test_package_has_no_module_that_was_deleted(project: Path) -> None:
    problem = configuration.problem(project)
    (project / "model").mkdir()
    package(project / "model", problem, {}, [])
    stale = project / "model" / "code" / PACKAGE / "deleted.py"
    stale.touch()
    package(project / "model", problem, {}, [])
    assert not stale.exists()


def test_debug_run_is_not_deleted_while_it_runs(project: Path) -> None:
    with scratch(project) as directory, pytest.raises(TrackingError, match="another process"):
        delete(directory)


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
