"""Kedro's DAG of the pipeline, by the command of the docs, as Airflow imports it."""

import json
import shutil

import pytest

from tests.pipeline.conftest import Project
from tests.support.container import UV, succeed

pytestmark = pytest.mark.slow

LOOK = """
import json, runpy, sys
made = runpy.run_path(sys.argv[1])
dag = made["my_project_pipeline"]()
print(json.dumps({task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks}))
"""


@pytest.fixture(scope="module")
def tasks(installed: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Each task of the DAG, with those that it waits for."""
    place = tmp_path_factory.mktemp("airflow") / "project"
    shutil.copytree(installed.place, place, ignore=shutil.ignore_patterns(".venv"))
    run = (UV, "run", "--quiet", "--python=3.11")
    kedro = ("--no-dev", "--with=kedro-airflow", "kedro", "airflow", "create", "--env=base")
    succeed(*run, *kedro, cwd=place)
    (dag,) = (place / "airflow_dags").iterdir()
    # Airflow is in an environment of its own, without the project.
    airflow = ("--no-project", "--with=apache-airflow", "--with=kedro", "python", "-c", LOOK)
    said = succeed(*run, *airflow, dag, cwd=place, env={"AIRFLOW_HOME": str(place / "airflow")})
    return dict(json.loads(said.splitlines()[-1]))


def test_every_step_is_a_task(tasks: dict[str, list[str]]) -> None:
    assert {"read", "cut", "part", "damage", "train", "judge", "accept"} <= set(tasks)


def test_a_task_waits_for_what_it_needs(tasks: dict[str, list[str]]) -> None:
    assert tasks["judge"] == ["damage", "train"]
