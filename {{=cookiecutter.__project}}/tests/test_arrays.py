"""Tests of contracts for arrays."""

import numpy as np
import pytest
from jaxtyping import Float32, Int64
from pydantic import ValidationError

from {{= cookiecutter.package_name }}.edge.arrays import ArrayContract


class Windows(ArrayContract):
    features: Float32[np.ndarray, "batch 28"]
    labels: Int64[np.ndarray, " batch"]


FEATURES = np.zeros((3, 28), np.float32)
LABELS = np.zeros(3, np.int64)


def test_valid_arrays_pass() -> None:
    assert Windows(features=FEATURES, labels=LABELS).features is FEATURES


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (
            np.zeros((28, 3)),
            LABELS,
            r"features\n  must be \(batch, 28\) float32, not \(28, 3\) float64",
        ),
        (FEATURES, LABELS[:2], r"labels\n  must be \(batch\) int64 with sizes as in .* not \(2\)"),
        (FEATURES, [0, 0, 0], r"labels\n  must be \(batch\) int64, not list"),
        (np.full((3, 28), np.nan, np.float32), LABELS, r"must be finite, but is not at \(0, 0\)"),
    ],
)
def test_invalid_array_is_explained(features: object, labels: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Windows.model_validate({"features": features, "labels": labels})


def test_schema_has_the_shape() -> None:
    schema = Windows.model_json_schema()["properties"]["features"]["x-array"]
    assert schema == {"shape": ["batch", "28"], "dtypes": ["float32"]}
