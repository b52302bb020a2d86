"""Windows that a detector can learn in a moment, and one small model of each kind."""

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from {{= cookiecutter.package_name }}.models.parameters import (
    IsolationForest,
    LocalOutlierFactor,
    MlpAutoencoder,
    Pca,
    TorchAutoencoder,
)

NEEDS_TORCH = pytest.mark.skipif(
    find_spec("torch") is None,
    reason="PyTorch is not installed: uv sync --inexact --extra torch",
)
SIZES: dict[str, Any] = {"layers": (6, 2, 6), "epochs": 12}
AUTOENCODERS = [
    pytest.param(MlpAutoencoder(**SIZES), id="mlp_autoencoder"),
    pytest.param(TorchAutoencoder(**SIZES), id="torch_autoencoder", marks=NEEDS_TORCH),
]
KINDS = [
    *AUTOENCODERS,
    pytest.param(Pca(components=2), id="pca"),
    pytest.param(IsolationForest(trees=20), id="isolation_forest"),
    pytest.param(LocalOutlierFactor(neighbours=10), id="local_outlier_factor"),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each kind to a test that takes `model`, and each with epochs to one of `network`."""
    for name, models in (("model", KINDS), ("network", AUTOENCODERS)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, models)


@pytest.fixture
def tested_kinds() -> set[str]:
    """The kinds that tests of `model` take."""
    return {str(each.id) for each in KINDS}


@pytest.fixture
def windows() -> NDArray[np.float64]:
    """Normal windows: two causes behind eight features, and a little noise."""
    chance = np.random.default_rng(1)
    mixed = chance.normal(size=(96, 2)) @ chance.normal(size=(2, 8))
    return mixed + chance.normal(scale=0.05, size=mixed.shape)


@pytest.fixture
def strange(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Windows whose features do not belong together."""
    return np.random.default_rng(2).permuted(windows, axis=1) * 2
