"""Tests of the leaderboard."""

import numpy as np
import pytest

from {{= cookiecutter.package_name }}.models.leaderboard import leaderboard

LABELS = np.array([0, 0, 1, 1], np.int8)
SCORES = {
    "fair": np.array([3.0, 1.0, 2.0, 0.0]),
    "best": np.array([3.0, 2.0, 1.0, 0.0]),
    "also": np.array([3.0, 2.0, 1.0, 0.0]),
}


def test_best_comes_first() -> None:
    names = [standing.name for standing in leaderboard(SCORES, LABELS)]
    assert names == ["also", "best", "fair"]


def test_area_is_the_share_of_correctly_ordered_pairs() -> None:
    assert leaderboard(SCORES, LABELS)[-1].roc_auc == 0.75


def test_single_label_is_rejected() -> None:
    with pytest.raises(ValueError, match="all labels are the same"):
        leaderboard(SCORES, np.zeros(4, np.int8))
