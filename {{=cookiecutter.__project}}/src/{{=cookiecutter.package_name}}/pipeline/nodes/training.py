"""The training: the detector that is asked for, and the baselines beside it."""

import logging
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from ... import anomaly_utils
from ...edge.arrays import ArrayContract
from ...models.training import Epoch
from .. import parameters as stated
from .features import JudgedWindows, TimedWindows

CHECKPOINTS = Path("runs/checkpoints")
LOG = logging.getLogger(__name__)


class Scores(ArrayContract):
    """Scores of the windows held out: higher is more normal."""

    scores: Float64[np.ndarray, " window"]


def train(windows: TimedWindows, training: stated.Training) -> anomaly_utils.Detector:
    """Train the detector; what a killed run had done is taken up again."""
    detector = anomaly_utils.build_autoencoder(
        training.model,
        scaling=training.scaling,
        contamination=training.contamination,
        seed=training.seed,
        callbacks=training.callbacks,
    )
    return anomaly_utils.train_autoencoder(
        detector, windows.windows, checkpoints=CHECKPOINTS, progress=_tell
    )


def judge(detector: anomaly_utils.Detector, held_out: JudgedWindows) -> Scores:
    """Score the windows held out."""
    return Scores(scores=anomaly_utils.score(detector, held_out.windows))


def train_baselines(
    windows: TimedWindows,
    held_out: JudgedWindows,
    training: stated.Training,
    evaluation: stated.Evaluation,
) -> dict[str, list[float]]:
    """Train every baseline as the detector is trained, and score the windows held out.

    Returns:
        For each baseline, its scores.
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


def _tell(epoch: Epoch) -> None:
    """Say now and then how the training goes."""
    if epoch.number == 1 or epoch.number % max(1, epoch.of // 10) == 0:
        LOG.info("epoch %d of at most %d: loss %.5f", epoch.number, epoch.of, epoch.loss)
