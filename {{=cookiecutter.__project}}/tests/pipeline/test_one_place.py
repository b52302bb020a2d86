"""Nothing but `anomaly_utils`, and the module of a model of its own, constructs a model."""

import ast
from pathlib import Path

import pytest

import {{= cookiecutter.package_name }}
from {{= cookiecutter.package_name }}.pipeline.packaging import imported_names

PACKAGE = Path({{= cookiecutter.package_name }}.__file__).parent
LIBRARIES = {"keras", "lightgbm", "sklearn", "skops", "torch", "xgboost"}
ALLOWED = (
    "sklearn.datasets",
    "sklearn.metrics",
    "sklearn.model_selection",
    f"{PACKAGE.name}.models.files",
    f"{PACKAGE.name}.models.parameters",
    f"{PACKAGE.name}.models.training.Epoch",
    f"{PACKAGE.name}.models.training.Progress",
)


def is_own_model(source: str) -> bool:
    """Return whether a module is a model of its own: `Parameters`, and `Backend` or `Model`."""
    classes = {each.name for each in ast.parse(source).body if isinstance(each, ast.ClassDef)}
    return "Parameters" in classes and bool(classes & {"Backend", "Model"})


def forbidden(source: str, package: list[str]) -> list[str]:
    """Return the imports that allow a module to construct a model, outside of a model's module."""
    libraries = set() if is_own_model(source) else LIBRARIES
    return [
        name
        for node in ast.walk(ast.parse(source))
        for name in imported_names(node, package)
        if name.split(".")[0] in libraries or name.startswith(f"{PACKAGE.name}.models")
        if not f"{name}.".startswith(tuple(f"{each}." for each in ALLOWED))
    ]


def test_only_one_place_constructs_models() -> None:
    imports = {}
    for file in PACKAGE.rglob("*.py"):
        parts = file.relative_to(PACKAGE.parent).parts
        if parts[1] not in {"models", "anomaly_utils.py"}:
            imports[str(file)] = forbidden(file.read_text(encoding="utf-8"), [*parts[:-1]])
    violations = {file: names for file, names in imports.items() if names}
    assert violations == {}, "build detectors with anomaly_utils.build_autoencoder"


@pytest.mark.parametrize(
    "source",
    [
        "import torch",
        "import sklearn.svm as machines",
        "from sklearn import svm",
        "from sklearn.svm import OneClassSVM",
        "def function():\n    from sklearn.pipeline import make_pipeline",
        "from {{= cookiecutter.package_name }}.models.detector import Detector",
        "from .models.detector import Detector",
        "from .models import backends",
        "import sklearn.svm\nclass Parameters: pass",
        "from .models import detector\nclass Parameters: pass\nclass Model: pass",
    ],
)
def test_import_of_a_model_is_found(source: str) -> None:
    assert len(forbidden(source, [PACKAGE.name])) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from sklearn.metrics import roc_auc_score",
        "from {{= cookiecutter.package_name }}.models.parameters import Pca",
        "from .anomaly_utils import build_autoencoder",
        "import sklearn.svm\nclass Parameters: pass\nclass Backend: pass",
    ],
)
def test_other_import_is_allowed(source: str) -> None:
    assert forbidden(source, [PACKAGE.name]) == []
