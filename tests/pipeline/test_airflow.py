"""The DAG that Kedro creates with the command of the docs, imported like Airflow does."""

import json
import shutil

import pytest

from tests.pipeline.conftest import Project
from tests.support.container import UV, succeed

pytestmark = pytest.mark.slow

PRINT_TASKS = """
import json, runpy, sys
module = runpy.run_path(sys.argv[1])
dag = module["my_project_pipeline"]()
print(json.dumps({task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks}))
"""


@pytest.fixture(scope="module")
def tasks(installed: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Each task of the DAG, with its upstream tasks."""
    root = tmp_path_factory.mktemp("airflow") / "project"
    shutil.copytree(installed.root, root, ignore=shutil.ignore_patterns(".venv"))
    run = (UV, "run", "--quiet", "--python=3.11")
    kedro = ("--no-dev", "--with=kedro-airflow", "kedro", "airflow", "create", "--env=base")
    succeed(*run, *kedro, cwd=root)
    (dag,) = (root / "airflow_dags").iterdir()
    # Airflow runs in a separate environment, without the project.
    airflow = ("--no-project", "--with=apache-airflow", "--with=kedro", "python", "-c", PRINT_TASKS)
    home = {"AIRFLOW_HOME": str(root / "airflow")}
    output = succeed(*run, *airflow, dag, cwd=root, env=home)
    return dict(json.loads(output.splitlines()[-1]))


def test_every_step_is_a_task(tasks: dict[str, list[str]]) -> None:
    assert {"read", "cut", "part", "damage", "train", "judge", "accept"} <= set(tasks)


def test_task_waits_for_its_inputs(tasks: dict[str, list[str]]) -> None:
    assert tasks["judge"] == ["damage", "train"]
