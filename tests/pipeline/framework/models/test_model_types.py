"""Tests of every registered model type."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import skops.io
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import check_estimator

from my_project.anomaly_utils import (
    Detector,
    build_autoencoder,
    load,
    save,
    score,
    threshold,
    train_autoencoder,
)
from my_project.models.backends import MODEL_TYPES
from my_project.models.parameters import (
    IsolationForest,
    ModelParameters,
    Pca,
    Scaling,
    TorchAutoencoder,
)

from .conftest import TORCH_ONLY

Floats = NDArray[np.float64]
SCORE = """
import pathlib, numpy
from my_project import anomaly_utils

detector = anomaly_utils.load(pathlib.Path("detector.skops"))
anomaly_utils.score(detector, numpy.load("windows.npy"))
"""


def test_every_registered_type_is_tested(tested_types: set[str]) -> None:
    assert tested_types == set(MODEL_TYPES)


@pytest.mark.filterwarnings("ignore")  # the checks provoke warnings on purpose
def test_detector_passes_the_checks_of_scikit_learn(model: ModelParameters) -> None:
    results = check_estimator(build_autoencoder(model), on_skip=None, on_fail=None)
    assert [each["check_name"] for each in results if each["status"] == "failed"] == []


def test_anomalies_score_lower(model: ModelParameters, windows: Floats, anomalies: Floats) -> None:
    detector = train_autoencoder(build_autoencoder(model), windows)
    labels = [0] * len(windows) + [1] * len(anomalies)
    assert roc_auc_score(labels, -score(detector, np.vstack([windows, anomalies]))) > 0.8


def test_same_seed_gives_the_same_scores(model: ModelParameters, windows: Floats) -> None:
    first, second = (train_autoencoder(build_autoencoder(model, seed=4), windows) for _ in range(2))
    assert np.array_equal(score(first, windows), score(second, windows))


def test_contamination_is_the_share_of_anomalies(model: ModelParameters, windows: Floats) -> None:
    detector = train_autoencoder(build_autoencoder(model, contamination=0.25), windows)
    assert np.mean(detector.predict(windows) == -1) == 0.25


@pytest.mark.parametrize("scaling", ["standard", "minmax", "robust", "none"])
def test_scaling_makes_scores_independent_of_the_unit(scaling: Scaling, windows: Floats) -> None:
    """Without scaling, the scores depend on the unit."""
    detectors = [
        train_autoencoder(build_autoencoder(Pca(components=2), scaling=scaling), windows * unit)
        for unit in (1, 1000)
    ]
    first, second = (
        score(each, windows * unit) for each, unit in zip(detectors, (1, 1000), strict=True)
    )
    assert np.allclose(first, second) == (scaling != "none")


def test_saved_detector_scores_the_same(
    model: ModelParameters, windows: Floats, tmp_path: Path
) -> None:
    detector = train_autoencoder(build_autoencoder(model), windows)
    save(detector, tmp_path / "detector.skops")
    loaded = load(tmp_path / "detector.skops")
    assert np.array_equal(score(loaded, windows), score(detector, windows))


@TORCH_ONLY
def test_scoring_does_not_need_torch(windows: Floats, tmp_path: Path) -> None:
    detector = train_autoencoder(build_autoencoder(TorchAutoencoder(epochs=2)), windows)
    save(detector, tmp_path / "detector.skops")
    np.save(tmp_path / "windows.npy", windows)
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", SCORE], cwd=tmp_path, check=False)
    assert done.returncode == 0


def test_save_writes_one_file(windows: Floats, tmp_path: Path) -> None:
    save(train_autoencoder(build_autoencoder(Pca()), windows), tmp_path / "detector.skops")
    assert [path.name for path in tmp_path.iterdir()] == ["detector.skops"]


def test_failed_save_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dump(_content: object, file: Path) -> None:
        file.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(skops.io, "dump", dump)
    with suppress(OSError):
        save(build_autoencoder(Pca()), tmp_path / "detector.skops")
    assert [*tmp_path.iterdir()] == []


class Undeclared:
    """A type that is not declared."""

    def __init__(self) -> None:
        self.harmless = True


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (Undeclared(), "types that are not declared"),
        ([1.0], "is not a saved detector"),
        (None, "is damaged"),
    ],
)
def test_other_file_is_rejected(content: object, message: str, tmp_path: Path) -> None:
    file = tmp_path / "detector.skops"
    file.write_bytes(b"PK" if content is None else skops.io.dumps(content))
    with pytest.raises(OSError, match=message):
        load(file)


@pytest.mark.parametrize(
    ("field", "value"), [("left_child", 10**6), ("left_child", 0), ("feature", 99)]
)
def test_invalid_tree_is_rejected(field: str, value: int, windows: Floats, tmp_path: Path) -> None:
    detector = train_autoencoder(build_autoencoder(IsolationForest(trees=2)), windows)
    tree = detector.backend_.forest.estimators_[1].tree_
    state = tree.__getstate__()
    state["nodes"][field][0] = value
    tree.__setstate__(state)
    save(detector, tmp_path / "detector.skops")
    with pytest.raises(OSError, match=r"is damaged.* is invalid"):
        load(tmp_path / "detector.skops")


def test_untrained_detector_is_rejected(windows: Floats) -> None:
    with pytest.raises(NotFittedError):
        score(build_autoencoder(Pca()), windows)


@pytest.mark.parametrize(
    ("invalid", "message"),
    [
        (np.full((4, 8), np.nan), "NaN"),
        (np.zeros((1, 8)), "minimum of 2"),
        (np.zeros(8), "Expected 2D array"),
    ],
)
def test_invalid_windows_are_rejected(invalid: Floats, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train_autoencoder(build_autoencoder(Pca()), invalid)


@pytest.mark.parametrize("contamination", [0.0, 0.6])
def test_invalid_contamination_is_rejected(contamination: float, windows: Floats) -> None:
    with pytest.raises(ValueError, match="contamination must be above 0"):
        train_autoencoder(Detector(Pca(), contamination=contamination), windows)


def test_threshold_separates_the_lowest_scores() -> None:
    assert threshold(np.arange(101.0), 0.05) == 5.0


def test_model_without_epochs_has_no_history(windows: Floats) -> None:
    assert train_autoencoder(build_autoencoder(Pca()), windows).history_.size == 0
