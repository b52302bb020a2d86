"""How soon random cuts set a window apart."""

from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest

from .. import parameters as stated
from . import Floats


class Backend:
    """Scores a window by its mean depth in random trees."""

    def __init__(self, parameters: stated.IsolationForest, seed: int) -> None:
        """Take the parameters, and where chance begins."""
        self.parameters = parameters
        self.seed = seed

    def fit(self, windows: Floats) -> None:
        """Grow the trees."""
        self.forest = IsolationForest(
            n_estimators=self.parameters.trees,
            max_samples=min(self.parameters.sample, len(windows)),
            random_state=self.seed,
        ).fit(windows)

    def normality(self, windows: Floats) -> Floats:
        """Return scikit-learn's score of each window, from -1 to 0."""
        scores: Floats = self.forest.score_samples(windows)
        return scores

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a file holds, if its trees stay within themselves: scikit-learn trusts them.

        Raises:
            ValueError: A tree points outside of itself, or back.
        """
        self.__dict__.update(state)
        if not all(_sound(each.tree_) for each in self.forest.estimators_):
            raise ValueError("a tree of the forest is not sound")


def _sound(tree: Any) -> bool:  # noqa: ANN401 (scikit-learn has no type for it)
    nodes = np.arange(tree.node_count)
    left, right, feature = tree.children_left, tree.children_right, tree.feature
    leaf = left == -1
    inner = (left > nodes) & (right > nodes) & (np.maximum(left, right) < len(nodes))
    return bool((leaf | (inner & (feature >= 0) & (feature < tree.n_features))).all())
