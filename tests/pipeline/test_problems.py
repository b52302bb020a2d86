"""Problems of a user, in files that a user owns: a classifier, and a walk-forward forecast.

Both use real data that a package ships: wines (scikit-learn), sea temperatures (statsmodels).
"""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from hangar_devkit.update.ownership import read_manifest
from tests.pipeline.conftest import CLEAN, Project
from tests.support.container import UV, succeed
from tests.support.render import Run, by_api, contents, run

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parent / "examples"
WRITE_WINES = """
from my_project.pipeline.nodes import wine

wines = wine.read().select(wine.INPUTS)
lines = [",".join(wine.INPUTS), *(",".join(map(str, row)) for row in wines.iter_rows())]
with open("wines.csv", "w", encoding="utf-8") as file:
    print(*lines, "-1,1,1,1,1,1,1", sep="\\n", file=file)
"""
# What a user adds to files that a new project has, by path: text to find, and what replaces it.
EDITS = {
    "src/my_project/pipeline/parameters.py": [
        (
            "TimeSplit, Tracking\n",
            "TimeSplit, Tracking\nfrom .nodes import sea, wine\n",
        ),
        (
            "    execution: Execution\n",
            "    execution: Execution\n    sea: sea.Parameters\n    wine: wine.Parameters\n",
        ),
    ],
    "src/my_project/pipeline/pipeline_registry.py": [
        (
            "features, training\n",
            "features, training\nfrom .nodes.pipelines import pipelines\n",
        ),
        ('{"__default__": Pipeline(steps)}', '{"__default__": Pipeline(steps), **pipelines()}'),
    ],
}


def add_problems(root: Path) -> None:
    """Add the two problems to a new project, and the library that one of them uses."""
    shutil.copytree(EXAMPLES, root, dirs_exist_ok=True)
    for path, edits in EDITS.items():
        text = (root / path).read_text(encoding="utf-8")
        for old, new in edits:
            assert text.count(old) == 1, f"{path}: {old}"
            text = text.replace(old, new)
        (root / path).write_text(text, encoding="utf-8")
    env = {"VIRTUAL_ENV": "", "UV_PYTHON": "3.11"}
    succeed(UV, "add", "--quiet", "--no-sync", "statsmodels>=0.14", cwd=root, env=env)


@pytest.fixture(scope="module")
def own(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the two problems, and the library that one of them uses."""
    root = by_api(template, tmp_path_factory.mktemp("problems"), {"ml_pipeline": True})
    add_problems(root)
    env = {"VIRTUAL_ENV": "", "UV_PYTHON": "3.11"}
    succeed(UV, "sync", "--quiet", "--frozen", "--no-dev", cwd=root, env=env)
    project = Project(root, root / ".venv" / "bin")
    assert run(project.bin / "python", "-m", "my_project.pipeline", cwd=root, env=CLEAN).code == 0
    return project


@pytest.fixture(scope="module")
def trained(own: Project) -> dict[str, Run]:
    """The output of the training of each problem."""
    done = {name: own.runs("train", "--pipeline", name) for name in ("wine", "sea")}
    assert [each.code for each in done.values()] == [0, 0], [each.err for each in done.values()]
    return done


def value(done: Run) -> float:
    """Return the objective, which is the last line of a training."""
    return float(done.out.splitlines()[-1].split()[-1])


def test_every_file_is_the_users(own: Project, template: Path, tmp_path: Path) -> None:
    fresh = contents(by_api(template, tmp_path, {"ml_pipeline": True}))
    manifest = read_manifest((own.root / "pyproject.toml").read_text(encoding="utf-8"), "test")
    names = [path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*.*")]
    changed = {*names, *EDITS}
    template_owned = [name for name in changed if manifest.owner(name) != "you"]
    assert (template_owned, set(EDITS) <= set(fresh)) == ([], True)


def test_classifier_is_better_than_its_baseline(trained: dict[str, Run]) -> None:
    assert value(trained["wine"]) > 0.9


def test_forecast_is_better_than_its_baselines(trained: dict[str, Run]) -> None:
    rows = re.findall(r"^(\w+) +([\d.]+)", trained["sea"].out, re.MULTILINE)
    assert min(rows, key=lambda row: float(row[1]))[0] == "autoregression"


def test_purge_is_reported(trained: dict[str, Run]) -> None:
    assert re.search(r"split: \d+ training samples overlap", trained["sea"].err)


@pytest.fixture(scope="module")
def wines(own: Project) -> Path:
    """A file of wines, of which one is invalid."""
    succeed(own.bin / "python", "-c", WRITE_WINES, cwd=own.root)
    return own.root / "wines.csv"


@pytest.fixture(scope="module")
def scored(own: Project, wines: Path, trained: dict[str, Run]) -> Run:
    """The output of scoring the wines."""
    return own.runs("score", wines.name, "--pipeline", "wine")


def test_predictions_are_counted_by_class(scored: Run) -> None:
    assert re.match(r"179 rows: 178 valid, 1 invalid; 178 predictions: \d+ first, ", scored.out)


def test_rejected_rows_fail_the_scoring(scored: Run) -> None:
    assert (scored.code, "1 of 179 rows (0.6%) are invalid" in scored.err) == (1, True)


@pytest.mark.usefixtures("trained")
def test_forecast_needs_the_past(own: Project) -> None:
    months = "".join(f"2011-{month:02}-01,{20 + month / 4}\n" for month in range(1, 13))
    (own.root / "months.csv").write_text(f"month,celsius\n{months}2012-01-01,23.5\n")
    done = own.runs("score", "months.csv", "--pipeline", "sea")
    assert "13 rows: 13 valid, 0 invalid, 11 (84.6%) without a prediction" in done.out, done.err


@pytest.fixture(scope="module")
def package(own: Project, trained: dict[str, Run]) -> Path:
    """The package of the forecast."""
    done = own.runs("serve", "--output", "package", "--pipeline", "sea")
    assert done.code == 0, done.err
    return own.root / "package"


def test_package_requires_the_users_libraries(package: Path) -> None:
    assert re.search(r"^statsmodels==", (package / "requirements.txt").read_text(), re.MULTILINE)


def test_package_has_the_users_contract(package: Path) -> None:
    model: dict[str, Any] = yaml.safe_load((package / "MLmodel").read_text(encoding="utf-8"))
    assert '"name": "celsius"' in model["signature"]["inputs"]


@pytest.mark.usefixtures("trained")
def test_sweep_chooses_by_the_validation_part(own: Project) -> None:
    done = own.runs("train", "--pipeline", "wine", "--sweep", "strengths")
    assert done.out.splitlines()[-1].startswith("validation_balanced_accuracy "), done.err


def test_processes_give_the_same_value(own: Project, trained: dict[str, Run]) -> None:
    done = own.runs("train", "--pipeline", "wine", "--set", "execution.runner.type=parallel")
    assert value(done) == value(trained["wine"])


def test_part_of_a_pipeline_says_that_it_is_not_tracked(own: Project) -> None:
    done = run(own.bin / "kedro", "run", "--pipelines=wine", "--to-nodes=read_wines",
               cwd=own.root, env=CLEAN)  # fmt: skip
    assert "parts are not tracked" in done.out + done.err
