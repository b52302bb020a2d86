"""The data that metrics are measured on. Only values on the same data can be compared."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline


def evaluation(pipeline: Pipeline, model: str, metrics: str) -> Pipeline:
    """Return the steps between a model and its metrics."""
    judging = pipeline.to_outputs(metrics)
    # A walk forward judges models of its own, and none of its steps reads the final one.
    return judging.from_inputs(model) if model in judging.datasets() else Pipeline([])


def evaluation_inputs(pipeline: Pipeline, model: str, metrics: str) -> set[str]:
    """Return the datasets that the metrics depend on, other than the model and its parameters."""
    steps = evaluation(pipeline, model, metrics)
    if not steps.nodes:
        steps = Pipeline([node for node in pipeline.nodes if metrics in node.outputs])
    return {name for name in steps.inputs() - {model} if not name.startswith("param")}


def digest(catalog: CatalogProtocol[Any, Any], names: Iterable[str]) -> str:
    """Return a digest of the content of datasets, which does not depend on their file format."""
    total = hashlib.sha256()
    for name in sorted(names):
        total.update(name.encode())
        _update(total, catalog.load(name))
    return total.hexdigest()


def _update(total: Any, content: Any) -> None:  # a hash; any data of a step
    if isinstance(content, pl.DataFrame):
        total.update(content.write_csv().encode())
    elif isinstance(content, np.ndarray):
        total.update(f"{content.dtype} {content.shape}".encode())
        total.update(np.ascontiguousarray(content).data)
    elif isinstance(content, Mapping) or hasattr(content, "model_fields"):
        for key, value in sorted(dict(content).items()):
            total.update(str(key).encode())
            _update(total, value)
    else:
        total.update(json.dumps(content, default=repr, sort_keys=True).encode())
