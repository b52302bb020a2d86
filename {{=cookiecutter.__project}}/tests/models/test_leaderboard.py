"""The leaderboard."""

import numpy as np
import pytest

from {{= cookiecutter.package_name }}.models.leaderboard import (
    behind,
    leaderboard,
    table,
)

LABELS = np.array([0, 0, 1, 1], np.int8)
SCORES = {
    "fair": np.array([3.0, 1.0, 2.0, 0.0]),
    "best": np.array([3.0, 2.0, 1.0, 0.0]),
    "also": np.array([3.0, 2.0, 1.0, 0.0]),
}


def test_best_comes_first() -> None:
    names = [standing.name for standing in leaderboard(SCORES, LABELS)]
    assert names == ["also", "best", "fair"]


def test_area_is_the_share_of_pairs_in_order() -> None:
    assert leaderboard(SCORES, LABELS)[-1].roc_auc == 0.75


def test_one_label_is_refused() -> None:
    with pytest.raises(ValueError, match="all labels are the same"):
        leaderboard(SCORES, np.zeros(4, np.int8))


@pytest.mark.parametrize(("name", "distance"), [("best", 0.0), ("fair", 0.25)])
def test_distance_to_the_best_of_the_others(name: str, distance: float) -> None:
    assert behind(leaderboard(SCORES, LABELS), name) == distance


def test_lone_detector_is_behind_nobody() -> None:
    assert behind(leaderboard({"best": SCORES["best"]}, LABELS), "best") == 0.0


def test_table_has_a_line_for_each() -> None:
    last = table(leaderboard(SCORES, LABELS)).splitlines()[3]
    assert last.split() == ["fair", "0.7500", "0.8333"]
