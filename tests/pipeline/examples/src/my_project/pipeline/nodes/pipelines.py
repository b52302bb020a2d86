"""The pipelines of the examples: one with plain names, one in a namespace."""

from kedro.pipeline import Pipeline, node

from . import sea, wine


def pipelines() -> dict[str, Pipeline]:
    """Return the pipelines by name."""
    wines = [
        node(wine.read, None, "wines", name="read_wines"),
        node(wine.parts, ["wines", "params:wine"], "wine_parts", name="part_wines"),
        node(
            wine.train,
            ["wines", "wine_parts", "params:wine"],
            "wine_classifier",
            name="train_classifier",
        ),
        node(
            wine.judge,
            ["wines", "wine_parts", "wine_classifier", "params:wine"],
            ["wine_metrics", "wine_board"],
            name="judge_classifier",
        ),
        node(wine.accept, ["wine_board", "params:wine"], "wine_verdict", name="accept_classifier"),
    ]
    months = [
        node(sea.read, None, "months", name="read"),
        node(
            sea.judge,
            ["months", "params:sea"],
            ["metrics", "board", "folds"],
            name="judge",
        ),
        node(sea.accept, ["board", "params:sea"], "verdict", name="accept"),
        node(sea.train, ["months", "params:sea", "verdict"], "model", name="train"),
    ]
    return {
        "wine": Pipeline(wines),
        "sea": Pipeline(months, namespace="sea", parameters={"params:sea"}),
    }
