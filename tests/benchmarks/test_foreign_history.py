"""A seeded sample of `nox -s foreign -- history`: faults in one public project."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.experiments import group_failures

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "markupsafe"
EPISODES = 5


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> group_failures.Faults:
    """What each of a few faults does to the tests of the project."""
    cache = tmp_path_factory.mktemp("cache")
    inherited = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    subprocess.run(
        [sys.executable, "-m", "benchmarks.experiments.record_faults", PROJECT, "--faults=11"],
        cwd=ROOT,
        env={**inherited, "HANGAR_BENCH_CACHE": str(cache)},
        check=True,
        capture_output=True,
    )
    return group_failures.load(PROJECT, alike=False, cache=cache)


@pytest.mark.slow
@pytest.mark.parametrize("regime", ["streak", "scattered"])
def test_failures_are_grouped_by_their_cause(faults: group_failures.Faults, regime: str) -> None:
    found = group_failures.score(faults, group_failures.shipped, EPISODES, regime)
    assert found["ari"] > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("regime", ["streak", "scattered", "one run"])
def test_fingerprints_alone_group_them_less_well(
    faults: group_failures.Faults, regime: str
) -> None:
    shipped, alone = (
        group_failures.score(faults, method, EPISODES, regime)["b3_recall"]
        for method in (group_failures.shipped, group_failures.by_fingerprint)
    )
    assert shipped >= alone
