"""Isolation forest: anomalies are separated by few random splits."""

from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest

from .. import parameters as declared
from . import Floats


class Backend:
    """Scores a window by its mean depth in random trees."""

    def __init__(self, parameters: declared.IsolationForest, seed: int) -> None:
        """Set the parameters and the random seed."""
        self.parameters = parameters
        self.seed = seed

    def fit(self, windows: Floats) -> None:
        """Fit the trees on scaled windows."""
        self.forest = IsolationForest(
            n_estimators=self.parameters.trees,
            max_samples=min(self.parameters.sample, len(windows)),
            random_state=self.seed,
        ).fit(windows)

    def normality(self, windows: Floats) -> Floats:
        """Return the score of scikit-learn for each window, from -1 to 0."""
        scores: Floats = self.forest.score_samples(windows)
        return scores

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state from a file and check its trees, which scikit-learn does not check.

        Raises:
            ValueError: A node of a tree points backwards or outside of the tree.
        """
        self.__dict__.update(state)
        if not all(_is_valid(each.tree_) for each in self.forest.estimators_):
            raise ValueError("a tree of the forest is invalid")


def _is_valid(tree: Any) -> bool:  # scikit-learn has no type for it
    nodes = np.arange(tree.node_count)
    left, right, feature = tree.children_left, tree.children_right, tree.feature
    leaf = left == -1
    inner = (left > nodes) & (right > nodes) & (np.maximum(left, right) < len(nodes))
    return bool((leaf | (inner & (feature >= 0) & (feature < tree.n_features))).all())
