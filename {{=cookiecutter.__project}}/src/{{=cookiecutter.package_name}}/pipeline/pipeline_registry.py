"""The pipelines by name, with the inputs and outputs of each step."""

from kedro.pipeline import Pipeline, node

from .nodes import data, evaluation, features, training


def register_pipelines() -> dict[str, Pipeline]:
    """Return every pipeline; `train` runs `__default__`, and `train --pipeline NAME` another."""
    steps = [
        node(data.read, "params:data", "readings", name="read"),
        node(features.cut, ["readings", "params:features"], "windows", name="cut"),
        node(
            features.part,
            ["windows", "params:features", "params:split"],
            ["train", "normal_validation", "normal"],
            name="part",
        ),
        node(
            features.damage,
            ["normal", "train", "params:features", "params:faults"],
            "held_out",
            name="damage",
        ),
        node(
            features.damage,
            ["normal_validation", "train", "params:features", "params:faults"],
            "validation",
            name="damage_validation",
        ),
        node(
            training.train,
            ["train", "normal_validation", "params:training"],
            "detector",
            name="train",
        ),
        node(training.losses, "detector", "losses", name="losses"),
        node(
            training.train_baselines,
            ["train", "held_out", "params:training", "params:evaluation"],
            "baselines",
            name="train_baselines",
        ),
        node(training.judge, ["detector", "held_out"], "scores", name="judge"),
        node(
            training.judge, ["detector", "validation"], "validation_scores", name="judge_validation"
        ),
        node(
            evaluation.measure,
            [
                *("detector", "scores", "held_out", "validation_scores", "validation"),
                "params:evaluation",
            ],
            "metrics",
            name="measure",
        ),
        node(
            evaluation.compare, ["scores", "baselines", "held_out"], "leaderboard", name="compare"
        ),
        node(
            evaluation.draw,
            ["detector", "scores", "held_out", "leaderboard"],
            "plots",
            name="draw",
        ),
        node(evaluation.accept, ["leaderboard", "params:evaluation"], "verdict", name="accept"),
    ]
    return {"__default__": Pipeline(steps)}
