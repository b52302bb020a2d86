"""Nothing but `models/` and `anomaly_utils` constructs a model: nobody else imports what could."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import {{= cookiecutter.package_name }}

PACKAGE = Path({{= cookiecutter.package_name }}.__file__).parent
LIBRARIES = {"keras", "lightgbm", "sklearn", "skops", "torch", "xgboost"}
HARMLESS = (
    "sklearn.metrics",
    "sklearn.model_selection",
    f"{PACKAGE.name}.models.leaderboard",
    f"{PACKAGE.name}.models.parameters",
    f"{PACKAGE.name}.models.training.Epoch",
    f"{PACKAGE.name}.models.training.Progress",
)


def imported(source: str, package: list[str]) -> Iterator[str]:
    """Name all that a module of a package imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def strays(source: str, package: list[str]) -> list[str]:
    """Name the imports by which a module could construct a model."""
    return [
        name
        for name in imported(source, package)
        if name.split(".")[0] in LIBRARIES or name.startswith(f"{PACKAGE.name}.models")
        if not f"{name}.".startswith(tuple(f"{each}." for each in HARMLESS))
    ]


def test_models_are_constructed_in_one_place() -> None:
    found = {}
    for file in PACKAGE.rglob("*.py"):
        parts = file.relative_to(PACKAGE.parent).parts
        if parts[1] not in {"models", "anomaly_utils.py"}:
            found[str(file)] = strays(file.read_text(encoding="utf-8"), [*parts[:-1]])
    wrong = {file: names for file, names in found.items() if names}
    assert wrong == {}, "build models with anomaly_utils.build_autoencoder"


@pytest.mark.parametrize(
    "source",
    [
        "import torch",
        "import sklearn.svm as machines",
        "from sklearn import svm",
        "from sklearn.svm import OneClassSVM",
        "def late():\n    from sklearn.pipeline import make_pipeline",
        "from {{= cookiecutter.package_name }}.models.detector import Detector",
        "from .models.detector import Detector",
        "from .models import backends",
    ],
)
def test_import_that_constructs_is_found(source: str) -> None:
    assert len(strays(source, [PACKAGE.name])) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from sklearn.metrics import roc_auc_score",
        "from {{= cookiecutter.package_name }}.models.parameters import Pca",
        "from .anomaly_utils import build_autoencoder",
    ],
)
def test_other_import_is_no_concern(source: str) -> None:
    assert strays(source, [PACKAGE.name]) == []
