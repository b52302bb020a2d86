"""Small windows for fast training, and one small model of each type."""

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from my_project.models.parameters import (
    IsolationForest,
    LocalOutlierFactor,
    MlpAutoencoder,
    Pca,
    TorchAutoencoder,
)

TORCH_ONLY = pytest.mark.skipif(
    find_spec("torch") is None,
    reason="PyTorch is not installed: uv sync --inexact --extra torch",
)
SIZES: dict[str, Any] = {"layers": (6, 2, 6), "epochs": 12}
AUTOENCODERS = [
    pytest.param(MlpAutoencoder(**SIZES), id="mlp_autoencoder"),
    pytest.param(TorchAutoencoder(**SIZES), id="torch_autoencoder", marks=TORCH_ONLY),
]
MODELS = [
    *AUTOENCODERS,
    pytest.param(Pca(components=2), id="pca"),
    pytest.param(IsolationForest(trees=20), id="isolation_forest"),
    pytest.param(LocalOutlierFactor(neighbours=10), id="local_outlier_factor"),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize `model` with each model type, and `network` with each that has epochs."""
    for name, models in (("model", MODELS), ("network", AUTOENCODERS)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, models)


@pytest.fixture
def tested_types() -> set[str]:
    """The model types that `model` covers."""
    return {str(each.id) for each in MODELS}


@pytest.fixture
def windows() -> NDArray[np.float64]:
    """Normal windows: eight features that depend on two factors, and some noise."""
    random = np.random.default_rng(1)
    mixed = random.normal(size=(96, 2)) @ random.normal(size=(2, 8))
    return mixed + random.normal(scale=0.05, size=mixed.shape)


@pytest.fixture
def anomalies(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Anomalous windows: the correlation of the features is destroyed."""
    return np.random.default_rng(2).permuted(windows, axis=1) * 2
