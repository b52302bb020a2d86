"""Tests of the configuration: valid files pass, errors name file, line and key."""

import pickle
import re
from pathlib import Path

import pytest

from my_project.models import parameters as declared
from my_project.pipeline import configuration
from my_project.pipeline.assigning import (
    assigned,
    completed,
    nested,
)
from my_project.pipeline.configuration import (
    ConfigurationError,
    read,
)
from my_project.pipeline.declaration import TimeSplit
from my_project.pipeline.loader import (
    Loader,
    Whole,
    merged,
    read_once,
)
from my_project.pipeline.running import again

PROJECT = Path(__file__).parents[2]


def test_default_configuration_is_valid() -> None:
    assert isinstance(read(PROJECT, "base").split.method, TimeSplit)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("training.types=1", r"training.types is an unknown key; expected one of .*model"),
        ("training.model={type: mlp}", r"training.model.type must be one of 'mlp_autoencoder', "),
        (
            "training.model={type: pca, trees: 3}",
            r"model.trees is an unknown key; expected one of comp",
        ),
        ("features.length=0", r"features.length must be greater than or equal to 1, not 0"),
        ("features.length=8.5", r"features.length must be a valid integer, not 8.5"),
        ("evaluation.metrics=[auc]", r"evaluation.metrics.0 must be 'roc_auc', .* not 'auc'"),
        ("split.method.held_out=2", r"split.method.held_out must be less than 1, not 2"),
        (
            "training.model={type: torch_autoencoder, device: gpu}",
            r"device must match pattern .*cuda.*, not 'gpu'",
        ),
        ("more=1", r"more is an unknown key; expected one of data, evaluation, "),
    ],
)
def test_invalid_value_is_explained(given: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(PROJECT, "base", assigned([given]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("training.model={kind: pca}", "--set: training.model.kind is now `type`"),
        ("training.model.kind=pca", "--set: training.model.kind is now `type`"),
        ("faults.kinds=[spike]", "--set: faults.kinds is now `types`"),
    ],
)
def test_renamed_key_is_explained(given: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{message}$"):
        read(PROJECT, "base", assigned([given]))


def test_renamed_key_in_a_file_is_explained(project: Path) -> None:
    file = project / "conf" / "local" / "parameters.yml"
    file.write_text("training:\n  model:\n    kind: pca\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r":3: training.model.kind is now `type`$"):
        read(project)


def test_run_of_an_earlier_release_can_be_repeated() -> None:
    old = {"execution": {"runner": {"kind": "thread"}}, "training": {"model": {"kind": "pca"}}}
    assert again(old) == {"training": {"model": {"type": "pca"}}}


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate that PyTorch is not installed."""
    monkeypatch.setattr(declared, "find_spec", lambda _: None)


@pytest.mark.usefixtures("without_torch")
@pytest.mark.parametrize("key", ["training.model", "evaluation.baselines.other"])
def test_model_without_its_library_cannot_be_trained(key: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{key} needs .* --extra torch$"):
        read(PROJECT, "base", nested({key: {"type": "torch_autoencoder"}}))


@pytest.mark.usefixtures("without_torch")
def test_model_without_its_library_can_be_used() -> None:
    given = nested({"training.model": {"type": "torch_autoencoder"}})
    assert read(PROJECT, "base", given, training=False).training.model.type == "torch_autoencoder"


def test_file_and_line_are_named(project: Path) -> None:
    file = project / "conf" / "local" / "parameters.yml"
    file.write_text("training:\n  model: { type: pca }\n  seed: -1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"^{re.escape(str(file))}:3: training.seed"):
        read(project)


def test_every_error_is_reported(project: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"length.*\n.*seed"):
        read(project, None, nested({"features.length": 0, "training.seed": -1}))


def test_invalid_yaml_is_explained(project: Path) -> None:
    (project / "conf" / "local" / "parameters.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"parameters\.yml"):
        read(project)


def test_unknown_environment_is_explained(project: Path) -> None:
    with pytest.raises(
        ConfigurationError, match="unknown environment 'x' in conf; expected one of base, local"
    ):
        read(project, "x")


def test_another_process_has_the_same_configuration(project: Path) -> None:
    with read_once() as files:
        before = read(project)
    (project / "conf" / "local" / "parameters.yml").write_text("[", encoding="utf-8")
    with read_once(pickle.loads(pickle.dumps(files))):  # noqa: S301 (of this process)
        assert read(project) == before


def test_missing_configuration_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="run this in the project"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["a"], "KEY=VALUE"),
        (["=1"], "KEY=VALUE"),
        (["a..b=1"], "KEY=VALUE"),
        (["a=["], "not valid YAML"),
        (["a=1", "a=2"], "a is set twice"),
        (["a=7", "a.x=7"], "a.x is set inside of a"),
        (["a.x=7", "a=7"], "a is set twice"),
        (["a={}", "a.x=7"], "a.x is set inside of a"),
    ],
)
def test_invalid_assignment_is_explained(pairs: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        assigned(pairs)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("5e-324", 5e-324),
        ("off", False),
        ("yes", True),
        ("on", True),
        ("0o17", "0o17"),
        ("", None),
        ("{type: pca, rate: 1e-3}", {"type": "pca", "rate": 0.001}),
        ("[1e3, two]", [1000.0, "two"]),
        ("a: b", {"a": "b"}),
    ],
)
def test_value_is_read_as_in_conf(project: Path, text: str, value: object) -> None:
    file = project / "conf" / "local" / "parameters.yml"
    file.write_text(f"more: {text}\n" if text != "a: b" else "more:\n  a: b\n", encoding="utf-8")
    in_file = Loader(project / configuration.CONF)["parameters"]["more"]
    assert (assigned([f"more={text}"])["more"], in_file) == (value, value)


def test_section_is_merged_with_its_keys() -> None:
    given = assigned(["a={type: b}", "a.x=7"])
    assert given == {"a": {"type": "b", "x": 7}}


def test_baselines_can_be_switched_off() -> None:
    assert read(PROJECT, "base", assigned(["evaluation.baselines={}"])).evaluation.baselines == {}


def test_other_type_keeps_what_both_have() -> None:
    given, _ = completed(PROJECT, "base", assigned(["training.model.type=torch_autoencoder"]))
    assert given["training"]["model"]["layers"] == [16, 6, 16]


def test_equal_network_drops_nothing() -> None:
    _, dropped = completed(PROJECT, "base", assigned(["training.model.type=torch_autoencoder"]))
    assert dropped == []


def test_dropped_values_are_reported() -> None:
    _, dropped = completed(PROJECT, "base", assigned(["training.model={type: pca}"]))
    assert dropped[0].startswith("training.model.type=pca drops layers, activation, learning_")


def test_error_in_a_given_value_names_no_file() -> None:
    with pytest.raises(ConfigurationError, match=r"^--set: training.seed must be greater"):
        read(PROJECT, "base", assigned(["training.seed=-1"]))


def test_number_of_workers_is_limited() -> None:
    with pytest.raises(ConfigurationError, match="workers must be less than or equal to 1024"):
        read(PROJECT, "base", assigned(["execution.runner={type: thread, workers: 1000000}"]))


def test_environment_replaces_sections(project: Path) -> None:
    assert read(project).training.model.type == "pca"


def test_section_with_another_type_is_replaced() -> None:
    declared = {"model": {"type": "a", "x": 1}}
    assert merged(declared, {"model": {"type": "b"}}) == {"model": {"type": "b"}}


def test_section_with_the_same_type_is_merged() -> None:
    declared = {"model": {"type": "a", "x": 1}}
    assert merged(declared, {"model": {"y": 2}}) == {"model": {"type": "a", "x": 1, "y": 2}}


def test_whole_section_is_replaced() -> None:
    assert merged({"a": {"x": 1}}, {"a": Whole(y=2)}) == {"a": {"y": 2}}


@pytest.mark.parametrize("name", ["../..", ".", "..", "a/b", "/tmp/x", "../../../x/out", "-x"])
def test_run_cannot_leave_the_outbox(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PIPELINE_RUN", name)
    with pytest.raises(ConfigurationError, match="is not a valid name of a run"):
        read(PROJECT, "base")


def test_run_has_the_name_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_RUN", "manual__2026-01-31T00:00:00+00:00")
    loader = Loader(PROJECT / configuration.CONF, "base")
    assert loader.run == "runs/outbox/manual__2026-01-31T00:00:00+00:00"


def test_each_run_has_its_own_directory() -> None:
    first, second = (Loader(PROJECT / configuration.CONF, "base") for _ in range(2))
    assert first["catalog"]["readings"]["filepath"] != second["catalog"]["readings"]["filepath"]
