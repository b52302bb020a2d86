"""A classifier of one's own, which conf/ names by its module."""

from typing import Any, Literal

import numpy as np
from pydantic import Field
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ...edge import Contract


class Parameters(Contract):
    """Parameters of the classifier."""

    type: Literal["my_project.pipeline.nodes.logistic"]
    strength: float = Field(default=1.0, gt=0, description="Inverse of the regularisation.")


class Model:
    """Logistic regression on scaled values."""

    def __init__(self, parameters: Parameters) -> None:
        """Create the model."""
        self.pipeline = make_pipeline(
            StandardScaler(), LogisticRegression(C=parameters.strength, max_iter=1000)
        )

    def fit(self, inputs: np.ndarray, targets: np.ndarray) -> "Model":
        """Train, and return the model."""
        self.pipeline.fit(inputs, targets)
        return self

    def predict(self, inputs: np.ndarray) -> Any:
        """Return the class of each row."""
        return self.pipeline.predict(inputs)

    def probabilities(self, inputs: np.ndarray) -> Any:
        """Return the probability of each class, for each row."""
        return self.pipeline.predict_proba(inputs)
