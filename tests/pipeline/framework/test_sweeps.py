"""Tests of sweeps: what they declare, which points they try, and how they go on."""

import json
import math
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from my_project.pipeline import running, sweeping
from my_project.pipeline.nodes import evaluation
from my_project.pipeline.search import Sweep, next_point
from my_project.tracking.port import TrackingError

Run = Callable[..., Result]
COMPONENTS = "training.model.components"
VALIDATE = ("--set", "split.method.validation=0.3")
OPTUNA = pytest.mark.skipif(
    find_spec("optuna") is None,
    reason="Optuna is not installed: uv sync --inexact --extra optuna",
)
SEARCHES = [
    pytest.param({"type": "random", "points": 6, "seed": 1}, id="random"),
    pytest.param({"type": "optuna", "points": 6, "seed": 1}, id="optuna", marks=OPTUNA),
]
SPACE: dict[str, Any] = {
    "size": {"low": 2, "high": 8},
    "rate": {"low": 0.001, "high": 0.1, "log": True},
    "layers": [[4], [8, 4, 8]],
}


def tried(sweep: Sweep, until: int | None = None) -> list[tuple[dict[str, Any], float | None]]:
    """Try points, of which the fourth fails and the others have a value."""
    points: list[tuple[dict[str, Any], float | None]] = []
    while len(points) != until and (point := next_point(sweep, points, "max")) is not None:
        value = None if len(points) == 3 else -abs(point["size"] - 5.0)
        points.append((point, value))
    return points


def test_grid_is_every_combination() -> None:
    sweep = Sweep.model_validate({"size": [1, 2], "rate": {"low": 0.5, "high": 1.0, "step": 0.25}})
    points = [(point["size"], point["rate"]) for point, _ in tried(sweep)]
    assert points == [(1, 0.5), (1, 0.75), (1, 1.0), (2, 0.5), (2, 0.75), (2, 1.0)]


@pytest.mark.parametrize("search", SEARCHES)
def test_points_are_inside_the_axes(search: dict[str, Any]) -> None:
    sweep = Sweep.model_validate({"search": search, **SPACE})
    outside = [
        point
        for point, _ in tried(sweep)
        if not (2 <= point["size"] <= 8 and 0.001 <= point["rate"] <= 0.1)
        or point["layers"] not in SPACE["layers"]
    ]
    assert outside == []


@pytest.mark.parametrize("search", SEARCHES)
def test_whole_limits_give_whole_numbers(search: dict[str, Any]) -> None:
    sweep = Sweep.model_validate({"search": search, **SPACE})
    assert {type(point["size"]) for point, _ in tried(sweep)} == {int}


@pytest.mark.parametrize("search", SEARCHES)
def test_interrupted_sweep_goes_on_with_the_same_points(search: dict[str, Any]) -> None:
    sweep = Sweep.model_validate({"search": search, **SPACE})
    first = json.loads(json.dumps(tried(sweep, until=4)))  # as read from a file
    rest = next_point(sweep, [(point, value) for point, value in first], "max")
    assert rest == tried(sweep)[4][0]


@pytest.mark.parametrize("search", SEARCHES)
def test_sweep_ends_after_its_points(search: dict[str, Any]) -> None:
    assert len(tried(Sweep.model_validate({"search": search, **SPACE}))) == 6


def declare(project: Path, text: str) -> None:
    """Declare sweeps."""
    (project / "conf" / "local" / "sweeps.yml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("{training.seed: 5}", "x.training.seed must be a list of values or a range"),
        ("{training.seed: []}", "x.training.seed has no values"),
        ("", "x has no axis, such as `training.seed"),
        (
            "{training.seed: {low: 1}}",
            "x.training.seed is not a valid range .* high: Field required",
        ),
        ("{training.seed: {low: 5, high: 1}}", "a low below its high"),
        ("{features.step: {low: 0.5, high: 1}}", "x is a grid: give features.step a step"),
        ("{training.seeds: [1]}", "training.seeds is an unknown key"),
        ("{training.model.components: [2, 0]}", "components must be greater than or equal to 1"),
        ("{search: {type: best}, training.seed: [1]}", "x.search.type must be one of 'grid'"),
    ],
)
def test_invalid_sweep_is_explained(run: Run, project: Path, declared: str, message: str) -> None:
    declare(project, f"x: {declared}\n")
    result = run("train", "--check", "--sweep", "x")
    assert re.search(message, result.output), result.output


@pytest.mark.usefixtures("project")
def test_unknown_sweep_is_explained(run: Run) -> None:
    output = run("train", "--check", "--sweep", "x").output
    assert "unknown sweep 'x' in conf; expected one of rates, sizes" in output


def test_axis_that_is_set_too_is_refused(run: Run, project: Path) -> None:
    declare(project, "x: {training.seed: [1, 2]}\n")
    output = run("train", "--sweep", "x", "--set", "training.seed=7").output
    assert "--set training.seed has no effect: the sweep x sets it for each point" in output


@pytest.fixture
def swept(run: Run, project: Path) -> Result:
    """The result of a sweep whose first point is rejected by the gate."""
    declare(project, f"x: {{ {COMPONENTS}: [1, 6] }}\n")
    return run("train", "--sweep", "x", "--set", "evaluation.least=0.97", *VALIDATE)


def test_rejected_point_is_a_row(swept: Result) -> None:
    first, second = swept.output.splitlines()[-5:-3]
    assert (": 1}  rejected: " in first, ": 6}  run " in second) == (True, True), swept.output


def test_point_whose_metric_is_not_a_number_is_never_the_best(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(project, f"x: {{ {COMPONENTS}: [5, 6] }}\n")
    values = iter([0.9, math.nan, 0.9, 0.8])  # of the test and of the validation part
    monkeypatch.setattr(evaluation, "_measured", lambda *_: {"roc_auc": next(values)})
    output = run("train", "--sweep", "x", *VALIDATE).output
    rows = re.search(r": 5}  rejected: validation_roc_auc is not a number.*\n.*: 6}  run ", output)
    assert rows, output


def test_best_point_is_nominated(swept: Result) -> None:
    assert "version 1 of readings is champion: it is the first" in swept.output


def test_sweep_without_a_validation_part_is_refused(run: Run, project: Path) -> None:
    declare(project, f"x: {{ {COMPONENTS}: [6] }}\n")
    assert "hold out a validation part" in run("train", "--sweep", "x").output


def test_finished_sweep_leaves_no_directory(swept: Result, project: Path) -> None:
    assert [*(project / sweeping.SWEEPS).iterdir()] == [], swept.output


def test_sweep_whose_registry_fails_goes_on(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(project, f"x: {{ {COMPONENTS}: [6] }}\n")

    def fail(*_arguments: Any) -> str:
        raise TrackingError("no response")

    with monkeypatch.context() as patch:
        patch.setattr(sweeping.registry, "nominate", fail)
        run("train", "--sweep", "x", *VALIDATE)
    output = run("train", "--sweep", "x", *VALIDATE).output
    assert ("(ran before)" in output, "is champion: it is the first" in output) == (True, True)


def test_all_points_have_one_configuration(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(project, f"x: {{ {COMPONENTS}: [5, 6] }}\n")
    original, found = running.run, []

    def edit(*arguments: Any) -> Any:
        outcome = original(*arguments)
        found.append(outcome.record.parameters["training"]["contamination"])
        file = project / "conf" / "local" / "parameters.yml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("contamination: 0.05", "contamination: 0.1"), encoding="utf-8")
        return outcome

    monkeypatch.setattr(sweeping, "run", edit)
    run("train", "--sweep", "x", *VALIDATE)
    assert found == [0.05, 0.05]


def test_interrupted_sweep_does_not_repeat_a_point(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(project, f"x: {{ {COMPONENTS}: [2, 3, 4] }}\n")
    original = running.run

    def interrupt(*arguments: Any) -> Any:
        if json.dumps(arguments[2]).count(": 3}"):
            raise KeyboardInterrupt
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "run", interrupt)
        run("train", "--sweep", "x", *VALIDATE)
    lines = run("train", "--sweep", "x", *VALIDATE).output.splitlines()
    rows = [line for line in lines if COMPONENTS in line]
    assert [row.endswith("(ran before)") for row in rows] == [True, False, False]


@pytest.mark.parametrize("lost", [1, 10], ids=["end of the line", "part of the row"])
def test_row_that_was_cut_off_is_removed(tmp_path: Path, lost: int) -> None:
    rows = [sweeping.Row(number, {}, "failed", None) for number in range(3)]
    for row in rows[:2]:
        sweeping._append(tmp_path, row)
    file = tmp_path / sweeping.ROWS
    file.write_bytes(file.read_bytes()[:-lost])
    sweeping._read(tmp_path)
    sweeping._append(tmp_path, rows[2])
    assert sweeping._read(tmp_path) == [rows[0], rows[2]]


def test_axis_of_an_experiment_is_swept(run: Run, project: Path) -> None:
    experiments = project / "conf" / "base" / "experiments"
    experiments.mkdir(exist_ok=True)
    (experiments / "two.yml").write_text("training: {model: {type: pca, components: 2}}\n")
    declare(project, f"x: {{ {COMPONENTS}: [6] }}\n")
    output = run("train", "--experiment", "two", "--sweep", "x", *VALIDATE).output
    assert f'{{"{COMPONENTS}": 6}}  run ' in output


def test_points_in_parallel_give_the_same_rows(run: Run, project: Path) -> None:
    axis = f"{COMPONENTS}: [6, 1]"
    declare(project, f"one: {{ {axis} }}\nmore: {{ workers: 2, {axis} }}\n")
    row = re.compile(r"^ +(\S+  \{.*?\})", re.MULTILINE)
    one, more = (
        row.findall(run("train", "--sweep", name, *VALIDATE).output) for name in ("one", "more")
    )
    assert sorted(one) == sorted(more) != []


@OPTUNA
def test_point_of_a_batch_depends_on_the_batches_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(_job: object, number: int, point: dict[str, Any]) -> sweeping.Row:
        return sweeping.Row(number, point, "accepted", point["size"])

    def points(before: list[sweeping.Row]) -> list[sweeping.Row]:
        ended = sweeping._run(sweep, "max", before, None)  # type: ignore[arg-type]
        return sorted(ended, key=lambda row: row.number)

    monkeypatch.setattr(sweeping, "_try", measure)
    monkeypatch.setattr(sweeping, "_executor", lambda _workers: sweeping._Here())
    sweep = Sweep.model_validate({"search": {"type": "optuna", "points": 9}, "workers": 3, **SPACE})
    rows = points([])
    interrupted = [*rows[:3], rows[4]]  # the fourth point did not end
    assert points(interrupted) == [rows[3], *rows[5:]]
