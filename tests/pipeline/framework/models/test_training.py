"""Tests of training in epochs: schedules, early stopping, checkpoints and resuming."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone

from my_project.anomaly_utils import (
    Epoch,
    build_autoencoder,
    score,
    train_autoencoder,
)
from my_project.models.detector import (
    Detector,
    one_thread,
)
from my_project.models.parameters import (
    Autoencoder,
    Callbacks,
    Checkpoint,
    CosineDecay,
    EarlyStopping,
    ExponentialDecay,
    LearningRate,
    MlpAutoencoder,
    ModelParameters,
    ReduceOnPlateau,
    StepDecay,
    TorchAutoencoder,
)
from my_project.models.training import (
    next_rate,
    plateau,
    stopped,
)

from .conftest import TORCH_ONLY

Floats = NDArray[np.float64]
NO_STOP = Callbacks(early_stopping=None, checkpoint=Checkpoint(every=2))
PLATEAU = ReduceOnPlateau(patience=2, min_delta=0.1, factor=0.5, lowest=0.2)
# Exits immediately, as if killed, after five epochs.
TRAIN_AND_EXIT = """
import os, sys, pathlib, numpy
from my_project import anomaly_utils
from my_project.models import parameters
from pydantic import TypeAdapter

model = TypeAdapter(parameters.ModelParameters).validate_json(sys.argv[1])
callbacks = parameters.Callbacks.model_validate_json(sys.argv[2])
anomaly_utils.train_autoencoder(
    anomaly_utils.build_autoencoder(model, callbacks=callbacks),
    numpy.load(sys.argv[3]),
    checkpoints=pathlib.Path(sys.argv[4]),
    progress=lambda epoch: os._exit(9) if epoch.number == 5 else None,
)
"""


@pytest.mark.parametrize(
    ("callback", "rates"),
    [
        (None, [1, 1, 1, 1]),
        (StepDecay(every=2, factor=0.5), [1, 1, 0.5, 0.5]),
        (ExponentialDecay(factor=0.5), [1, 0.5, 0.25, 0.125]),
        (CosineDecay(lowest=0.2), [1, 0.8, 0.4, 0.2]),
        (PLATEAU, [1, 1, 1, 0.5]),
    ],
)
def test_schedule_lowers_the_rate(callback: LearningRate | None, rates: list[float]) -> None:
    actual: list[float] = []
    for _ in range(4):
        actual.append(next_rate(callback, 1.0, 4, [1.0] * len(actual), actual))
    assert actual == pytest.approx(rates)


def test_rate_stops_at_the_lowest() -> None:
    rates: list[float] = []
    for _ in range(20):
        rates.append(next_rate(PLATEAU, 1.0, 20, [1.0] * len(rates), rates))
    assert rates[-1] == 0.2


def test_rate_is_constant_while_the_loss_decreases() -> None:
    losses = [1.0, 0.8, 0.6, 0.4]
    assert next_rate(PLATEAU, 1.0, 9, losses, [1.0] * 4) == 1.0


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([1.0, 1.0], False),
        ([1.0, 1.0, 1.0], True),
        ([1.0, 0.95, 0.95], True),
        ([1.0, 1.2, 0.8], False),
    ],
)
def test_plateau_is_detected(losses: list[float], expected: bool) -> None:
    assert plateau(losses, patience=2, min_delta=0.1) is expected


def test_without_early_stopping_nothing_stops() -> None:
    assert not stopped(None, [1.0] * 100)


def test_early_stopping_ends_the_training(network: ModelParameters, windows: Floats) -> None:
    callbacks = Callbacks(early_stopping=EarlyStopping(patience=3, min_delta=10))
    detector = train_autoencoder(build_autoencoder(network, callbacks=callbacks), windows)
    assert detector.history_.size == 4


def test_loss_decreases(network: ModelParameters, windows: Floats) -> None:
    history = train_autoencoder(build_autoencoder(network, callbacks=NO_STOP), windows).history_
    assert history[-1] < history[0] / 2


def test_schedule_reaches_the_network(network: ModelParameters, windows: Floats) -> None:
    callbacks = NO_STOP.model_copy(update={"learning_rate": StepDecay(every=1, factor=1e-9)})
    history = train_autoencoder(build_autoencoder(network, callbacks=callbacks), windows).history_
    assert history[2] == pytest.approx(history[3], abs=1e-6)


def test_progress_is_called_after_every_epoch(
    network: Autoencoder, detector: Detector, windows: Floats, epochs: list[Epoch]
) -> None:
    train_autoencoder(detector, windows, progress=epochs.append)
    assert [each.number for each in epochs] == [*range(1, network.epochs + 1)]


def test_batch_may_be_larger_than_the_data(network: ModelParameters, windows: Floats) -> None:
    large = network.model_copy(update={"batch_size": 1000})
    assert train_autoencoder(build_autoencoder(large), windows).history_.size > 0


@TORCH_ONLY
def test_missing_device_is_explained(windows: Floats) -> None:
    detector = build_autoencoder(TorchAutoencoder(device="cuda:99"))
    with pytest.raises(OSError, match="does not find cuda:99"):
        train_autoencoder(detector, windows)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_divergence_is_explained(network: ModelParameters, windows: Floats) -> None:
    diverging = network.model_copy(update={"activation": "relu", "learning_rate": 1e200})
    with pytest.raises(ValueError, match=r"non-finite|lower the learning rate"):
        train_autoencoder(build_autoencoder(diverging), windows)


@pytest.fixture
def detector(network: ModelParameters) -> Detector:
    """A detector without early stopping."""
    return build_autoencoder(network, callbacks=NO_STOP)


@pytest.fixture
def epochs() -> list[Epoch]:
    """A list for the progress of a training."""
    return []


@pytest.fixture
def checkpoints(network: ModelParameters, windows: Floats, tmp_path: Path) -> Path:
    """The checkpoints of a training that was interrupted in its fifth epoch."""

    def stop(epoch: Epoch) -> None:
        if epoch.number == 5:
            raise InterruptedError

    with suppress(InterruptedError):
        train_autoencoder(
            build_autoencoder(network, callbacks=NO_STOP),
            windows,
            checkpoints=tmp_path / "checkpoints",
            progress=stop,
        )
    return tmp_path / "checkpoints"


def test_training_resumes_from_its_checkpoint(
    detector: Detector, windows: Floats, checkpoints: Path, epochs: list[Epoch]
) -> None:
    train_autoencoder(detector, windows, checkpoints=checkpoints, progress=epochs.append)
    assert epochs[0].number == 5


def test_interrupted_training_ends_with_the_same_weights(
    detector: Detector, windows: Floats, checkpoints: Path
) -> None:
    uninterrupted = score(train_autoencoder(clone(detector), windows), windows)
    train_autoencoder(detector, windows, checkpoints=checkpoints)
    assert np.array_equal(score(detector, windows), uninterrupted)


def test_checkpoint_of_another_training_is_ignored(
    network: ModelParameters, windows: Floats, checkpoints: Path, epochs: list[Epoch]
) -> None:
    other = build_autoencoder(network, seed=1, callbacks=NO_STOP)
    train_autoencoder(other, windows, checkpoints=checkpoints, progress=epochs.append)
    assert epochs[0].number == 1


@pytest.mark.parametrize("suffix", [".skops", ".history"])
@pytest.mark.parametrize("size", [0, 10])
def test_damaged_checkpoint_is_set_aside(
    detector: Detector,
    windows: Floats,
    checkpoints: Path,
    epochs: list[Epoch],
    suffix: str,
    size: int,
) -> None:
    (file,) = checkpoints.glob(f"*{suffix}")
    file.write_bytes(file.read_bytes()[:size])
    train_autoencoder(detector, windows, checkpoints=checkpoints, progress=epochs.append)
    names = sorted(path.suffix for path in checkpoints.iterdir())
    assert (epochs[0].number, names) == (1, [".damaged", ".damaged"])


def test_checkpoint_does_not_grow_with_the_epochs(
    network: ModelParameters, windows: Floats, tmp_path: Path
) -> None:
    sizes: list[int] = []

    def measure(epoch: Epoch) -> None:
        if epoch.number in {100, 200}:
            (file,) = tmp_path.glob("*.skops")
            sizes.append(file.stat().st_size)

    train_autoencoder(
        build_autoencoder(network.model_copy(update={"epochs": 200}), callbacks=NO_STOP),
        windows,
        checkpoints=tmp_path,
        progress=measure,
    )
    assert sizes[1] == pytest.approx(sizes[0], abs=200)  # compressed weights differ by some bytes


def test_killed_training_ends_with_the_same_weights(windows: Floats, tmp_path: Path) -> None:
    model = MlpAutoencoder(layers=(6, 2, 6), epochs=12)
    np.save(tmp_path / "windows.npy", windows)
    parameters = (model.model_dump_json(), NO_STOP.model_dump_json())
    paths = (tmp_path / "windows.npy", tmp_path / "checkpoints")
    subprocess.run(
        [sys.executable, "-c", TRAIN_AND_EXIT, *parameters, *map(str, paths)], check=False
    )
    (_, _) = (tmp_path / "checkpoints").iterdir()  # state and history
    detector = build_autoencoder(model, callbacks=NO_STOP)
    uninterrupted = score(train_autoencoder(clone(detector), windows), windows)
    train_autoencoder(detector, windows, checkpoints=tmp_path / "checkpoints")
    assert np.array_equal(score(detector, windows), uninterrupted)


def test_finished_training_leaves_no_checkpoint(
    network: ModelParameters, windows: Floats, tmp_path: Path
) -> None:
    train_autoencoder(build_autoencoder(network, callbacks=NO_STOP), windows, checkpoints=tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_interrupt_stops_the_training(network: ModelParameters, windows: Floats) -> None:
    def interrupt(_epoch: Epoch) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_autoencoder(build_autoencoder(network), windows, progress=interrupt)


@pytest.fixture
def validated(network: ModelParameters, windows: Floats) -> Detector:
    """A detector that was trained with validation windows."""
    training, validation = windows[20:], windows[:20]
    detector = build_autoencoder(network, callbacks=NO_STOP)
    return train_autoencoder(detector, training, validation=validation)


def test_best_weights_on_the_validation_are_restored(validated: Detector, windows: Floats) -> None:
    loss = -score(validated, windows[:20]).mean()
    assert loss == pytest.approx(min(validated.validation_history_))


def test_validation_loss_is_recorded_for_each_epoch(validated: Detector) -> None:
    assert len(validated.validation_history_) == len(validated.history_)


def test_thread_limit_is_restored() -> None:
    from threadpoolctl import threadpool_info

    before = threadpool_info()
    with one_thread(), one_thread():
        pass
    assert threadpool_info() == before
