"""`hangar devcontainer`, and the schema that it checks against."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from hangar_devkit.lint import devcontainer

SCHEMA = json.loads(
    (files("hangar_devkit.lint") / "devcontainer.schema.json").read_text(encoding="utf-8")
)
GOOD = {"name": "x", "image": "python"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A valid file at the default path, with a comment and a trailing comma."""
    monkeypatch.chdir(tmp_path)
    path = Path(".devcontainer/devcontainer.json")
    path.parent.mkdir()
    path.write_text('// comment\n{"name": "x", "image": "python",}\n', encoding="utf-8")
    return path


def test_valid_file_passes(file: Path) -> None:
    assert devcontainer.main([]) == 0


def test_misspelt_key_fails(file: Path) -> None:
    file.write_text('{"name": "x", "image": "python", "remoteUsr": "dev"}', encoding="utf-8")
    assert devcontainer.main([]) == 1


def test_misspelt_key_is_reported(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file.write_text('{"name": "x", "image": "python", "remoteUsr": "dev"}', encoding="utf-8")
    devcontainer.main([])
    assert "'remoteUsr' was unexpected" in capfd.readouterr().out


def test_missing_file_could_not_be_checked(file: Path) -> None:
    assert devcontainer.main(["missing.json"]) == 2


def test_missing_checker_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devcontainer, "find_spec", lambda name: None)
    devcontainer.main([])
    assert "extra `lint`" in capsys.readouterr().err


def accepts(document: object) -> bool:
    """Return whether a document is valid."""
    return bool(Draft202012Validator(SCHEMA).is_valid(document))


def test_schema_is_valid() -> None:
    metaschema = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    assert metaschema.is_valid(SCHEMA)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"forwardPorts": [8000, "db:5432"]},
        {"mounts": ["source=x,target=/y,type=volume"]},
        {"postStartCommand": {"one": "true", "two": ["echo", "x"]}},
        {"hostRequirements": {"gpu": "optional", "memory": "8gb"}},
        {"features": {"ghcr.io/example/feature:1": {"version": "2"}}},
        {"customizations": {"other-editor": {"anything": 1}}},
    ],
)
def test_schema_accepts(keys: dict[str, object]) -> None:
    assert accepts({**GOOD, **keys})


@pytest.mark.parametrize(
    "form",
    [
        {"build": {"dockerFile": "Dockerfile"}},
        {"dockerComposeFile": "compose.yaml", "workspaceFolder": "/x"},
        {
            "dockerComposeFile": "compose.yaml",
            "service": "x",
            "workspaceFolder": "/x",
            "runArgs": ["--rm"],
        },
        {},
    ],
)
def test_schema_refuses_a_container_from_nowhere(form: dict[str, object]) -> None:
    assert not accepts({"name": "x", **form})


@pytest.mark.parametrize(
    "keys",
    [
        {"remoteUsr": "dev"},
        {"remoteUser": 1000},
        {"build": {"dockerfile": "Dockerfile"}},
        {"dockerComposeFile": "compose.yaml", "service": "x", "workspaceFolder": "/x"},
        {"mounts": [{"type": "tmpfs", "target": "/x"}]},
        {"waitFor": "postcreatecommand"},
        {"hostRequirements": {"memory": "8 GB"}},
        {"hostRequirements": {"cpu": 2}},
        {"workspaceMount": "source=.,target=/x,type=bind"},
        {"customizations": {"vscode": {"extension": []}}},
        {"containerEnv": {"X": None}},
        {"portsAttributes": {"80": {"onAutoForward": "open"}}},
    ],
)
def test_schema_refuses(keys: dict[str, object]) -> None:
    assert not accepts({**GOOD, **keys})
