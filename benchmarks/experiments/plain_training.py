"""The training of a new project as a plain script: the same functions, no Kedro, no MLflow.

Run it in a project with the pipeline: `python benchmarks/experiments/plain_training.py PACKAGE`.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import yaml

OUTPUT = Path("runs") / "plain"


def main() -> None:
    """Train, evaluate, compare, plot and save the detector; print ROC-AUC."""
    package = sys.argv[1]

    def module(name: str) -> Any:  # noqa: ANN401
        return importlib.import_module(f"{package}.{name}")

    declared = yaml.safe_load(Path("conf/base/parameters.yml").read_text(encoding="utf-8"))
    parameters = module("pipeline.parameters").Parameters.model_validate(declared)
    features, training = module("pipeline.nodes.features"), module("pipeline.nodes.training")
    evaluation = module("pipeline.nodes.evaluation")
    readings = module("pipeline.nodes.data").read(parameters.data)
    windows = features.cut(readings, parameters.features)
    train, *others = features.part(windows, parameters.features, parameters.split)
    validation, held_out = (
        features.damage(each, train, parameters.features, parameters.faults) for each in others
    )
    detector = training.train(train, others[0], parameters.training)
    baselines = training.train_baselines(
        train, held_out, parameters.training, parameters.evaluation
    )
    scores = training.judge(detector, held_out)
    validated = training.judge(detector, validation)
    metrics = evaluation.measure(
        detector, scores, held_out, validated, validation, parameters.evaluation
    )
    board = evaluation.compare(scores, baselines, held_out)
    pictures = evaluation.draw(detector, scores, held_out, board)
    evaluation.accept(board, parameters.evaluation)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    module("anomaly_utils").save(detector, OUTPUT / "detector.skops")
    (OUTPUT / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    for name, picture in pictures.items():
        (OUTPUT / f"{name}.svg").write_text(picture, encoding="utf-8")
    print(f"roc_auc {metrics['roc_auc']!r}")


if __name__ == "__main__":
    main()
