"""The configuration: what is good passes, what is wrong is refused with its place."""

import re
from pathlib import Path

import pytest

from {{= cookiecutter.package_name }}.models import parameters as stated
from {{= cookiecutter.package_name }}.pipeline import configuration
from {{= cookiecutter.package_name }}.pipeline.configuration import (
    ConfigurationError,
    assigned,
    nested,
    read,
)
from {{= cookiecutter.package_name }}.pipeline.loader import Loader, Whole, merged
from {{= cookiecutter.package_name }}.pipeline.parameters import TimeSplit

SHIPPED = Path(__file__).parents[2]


def test_shipped_configuration_is_good() -> None:
    assert isinstance(read(SHIPPED, "base").split.method, TimeSplit)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("training.kinds=1", r"training.kinds is no key here; there are .*model"),
        ("training.model={kind: mlp}", r"training.model.kind must be one of 'mlp_autoencoder', "),
        ("training.model={kind: pca, trees: 3}", r"model.trees is no key here; there are comp"),
        ("features.length=0", r"features.length must be greater than or equal to 1, not 0"),
        ("features.length=8.5", r"features.length must be a valid integer, not 8.5"),
        ("evaluation.metrics=[auc]", r"evaluation.metrics.0 must be 'roc_auc', .* not 'auc'"),
        ("split.method.held_out=2", r"split.method.held_out must be less than 1, not 2"),
        (
            "training.model={kind: torch_autoencoder, device: gpu}",
            r"device must match pattern .*cuda.*, not 'gpu'",
        ),
        ("more=1", r"more is no key here; there are data, evaluation, "),
    ],
)
def test_what_is_wrong_is_explained(given: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(SHIPPED, "base", assigned([given]))


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where PyTorch is not installed."""
    monkeypatch.setattr(stated, "find_spec", lambda _: None)


@pytest.mark.usefixtures("without_torch")
@pytest.mark.parametrize("key", ["training.model", "evaluation.baselines.other"])
def test_kind_without_its_library_is_refused(key: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{key} needs .* --extra torch$"):
        read(SHIPPED, "base", nested({key: {"kind": "torch_autoencoder"}}))


@pytest.mark.usefixtures("without_torch")
def test_kind_without_its_library_may_be_used() -> None:
    given = nested({"training.model": {"kind": "torch_autoencoder"}})
    assert read(SHIPPED, "base", given, training=False).training.model.kind == "torch_autoencoder"


def test_place_is_named(project: Path) -> None:
    file = project / "conf" / "local" / "parameters.yml"
    file.write_text("training:\n  model: { kind: pca }\n  seed: -1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"^{re.escape(str(file))}:3: training.seed"):
        read(project)


def test_every_problem_is_named(project: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"length.*\n.*seed"):
        read(project, None, nested({"features.length": 0, "training.seed": -1}))


def test_what_is_no_yaml_is_explained(project: Path) -> None:
    (project / "conf" / "local" / "parameters.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"parameters\.yml"):
        read(project)


def test_unknown_environment_is_explained(project: Path) -> None:
    with pytest.raises(ConfigurationError, match="no environment 'x'; there are base, local"):
        read(project, "x")


def test_missing_configuration_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="run this in the project"):
        read(tmp_path)


@pytest.mark.parametrize(("pair", "message"), [("a", "KEY=VALUE"), ("a=[", "no YAML")])
def test_bad_assignment_is_explained(pair: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        assigned([pair])


def test_environment_replaces_sections(project: Path) -> None:
    assert read(project).training.model.kind == "pca"


def test_another_kind_brings_none_of_the_old_keys() -> None:
    declared = {"model": {"kind": "a", "x": 1}}
    assert merged(declared, {"model": {"kind": "b"}}) == {"model": {"kind": "b"}}


def test_the_same_kind_keeps_the_other_keys() -> None:
    declared = {"model": {"kind": "a", "x": 1}}
    assert merged(declared, {"model": {"y": 2}}) == {"model": {"kind": "a", "x": 1, "y": 2}}


def test_whole_section_replaces() -> None:
    assert merged({"a": {"x": 1}}, {"a": Whole(y=2)}) == {"a": {"y": 2}}


def test_runs_have_directories_of_their_own() -> None:
    first, second = (Loader(SHIPPED / configuration.CONF, "base") for _ in range(2))
    assert first["catalog"]["readings"]["filepath"] != second["catalog"]["readings"]["filepath"]
