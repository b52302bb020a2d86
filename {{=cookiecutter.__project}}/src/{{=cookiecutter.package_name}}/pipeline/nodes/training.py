"""Train the configured detector and the baselines."""

import logging
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from ... import anomaly_utils
from ...edge.arrays import ArrayContract
from ...models.training import Epoch
from .. import parameters as declared
from .features import JudgedWindows, TimedWindows

CHECKPOINTS = Path("runs/checkpoints")
LOG = logging.getLogger(__name__)


class Scores(ArrayContract):
    """Scores of the held-out windows: higher is more normal."""

    scores: Float64[np.ndarray, " window"]


def train(
    windows: TimedWindows, validation: TimedWindows, training: declared.Training
) -> anomaly_utils.Detector:
    """Train the detector; resume from the checkpoint of a run that was killed.

    Early stopping watches the validation part, if there is one.
    """
    detector = anomaly_utils.build_autoencoder(
        training.model,
        scaling=training.scaling,
        contamination=training.contamination,
        seed=training.seed,
        callbacks=training.callbacks,
    )
    return anomaly_utils.train_autoencoder(
        detector,
        windows.windows,
        validation=validation.windows if len(validation.windows) else None,
        checkpoints=CHECKPOINTS,
        progress=_log_progress,
    )


def losses(detector: anomaly_utils.Detector) -> dict[str, list[float]]:
    """Return the losses of each epoch, to be tracked."""
    curves = {"loss": detector.history_, "validation_loss": detector.validation_history_}
    return {name: curve.tolist() for name, curve in curves.items() if len(curve)}


def judge(detector: anomaly_utils.Detector, held_out: JudgedWindows) -> Scores:
    """Score the windows of a part."""
    if not len(held_out.windows):
        return Scores(scores=np.empty(0))
    return Scores(scores=anomaly_utils.score(detector, held_out.windows))


def train_baselines(
    windows: TimedWindows,
    held_out: JudgedWindows,
    training: declared.Training,
    evaluation: declared.Evaluation,
) -> dict[str, list[float]]:
    """Train every baseline like the detector and score the held-out windows.

    Returns:
        The scores of each baseline.
    """
    scores = {}
    for name, model in evaluation.baselines.items():
        baseline = anomaly_utils.build_autoencoder(
            model,
            scaling=training.scaling,
            contamination=training.contamination,
            seed=training.seed,
        )
        anomaly_utils.train_autoencoder(baseline, windows.windows)
        scores[name] = anomaly_utils.score(baseline, held_out.windows).tolist()
    return scores


def _log_progress(epoch: Epoch) -> None:
    """Log about ten epochs of the training."""
    if epoch.number == 1 or epoch.number % max(1, epoch.of // 10) == 0:
        LOG.info("epoch %d of at most %d: loss %.5f", epoch.number, epoch.of, epoch.loss)
