"""What the container files say, without an engine."""

import json
import re
from pathlib import Path
from typing import Any

import json5
import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.support.container import command
from tests.support.render import BIN, by_api
from tests.support.template import ROOT, SOURCE

SCHEMA = json.loads(
    (SOURCE / "tools" / "schemas" / "devcontainer.schema.json").read_text(encoding="utf-8")
)
GOOD = {"name": "x", "image": "python"}


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered project."""
    folder = tmp_path_factory.mktemp("files")
    return by_api(ROOT, folder, {})


@pytest.fixture(scope="session")
def devcontainer(files: Path) -> dict[str, Any]:
    text = (files / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    return dict(json5.loads(text))


def accepts(document: object) -> bool:
    """Say whether the schema has nothing against a document."""
    return bool(Draft202012Validator(SCHEMA).is_valid(document))


def test_devcontainer_keeps_its_schema(devcontainer: dict[str, Any]) -> None:
    assert accepts(devcontainer)


def test_schema_is_one() -> None:
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


def test_dockerfile_is_clean(files: Path) -> None:
    assert command(BIN / "hadolint", files / "Dockerfile").stdout == ""


def test_dockerfile_names_no_frontend(files: Path) -> None:
    """Such a line makes the build fetch an image more, and fail where there is no network."""
    assert not re.search(r"(?im)^#\s*syntax\s*=", (files / "Dockerfile").read_text())


def environment(files: Path) -> str:
    """The path of the environment in the development image."""
    found = re.search(r"UV_PROJECT_ENVIRONMENT=(/home/\S+)", (files / "Dockerfile").read_text())
    assert found
    return found[1]


def test_editor_uses_the_environment_of_the_image(
    files: Path, devcontainer: dict[str, Any]
) -> None:
    settings = devcontainer["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"] == f"{environment(files)}/bin/python"


def test_dev_container_keeps_the_environment_on_its_volume(
    files: Path, devcontainer: dict[str, Any]
) -> None:
    (volume,) = devcontainer["mounts"]
    assert environment(files).startswith(volume["target"] + "/")


def test_compose_keeps_the_environment_on_its_volume(files: Path) -> None:
    compose = yaml.safe_load((files / "compose.yaml").read_text(encoding="utf-8"))
    volume = compose["services"]["dev"]["volumes"][1].removeprefix("cache:")
    assert environment(files).startswith(volume + "/")


def test_host_without_python_may_open_the_container(
    files: Path, devcontainer: dict[str, Any], tmp_path: Path
) -> None:
    words = ("/bin/sh", "-c", devcontainer["initializeCommand"])
    assert command(*words, cwd=files, env={"PATH": str(tmp_path)}).returncode == 0


def test_host_without_python_hears_what_was_not_checked(
    files: Path, devcontainer: dict[str, Any], tmp_path: Path
) -> None:
    words = ("/bin/sh", "-c", devcontainer["initializeCommand"])
    assert "could not check" in command(*words, cwd=files, env={"PATH": str(tmp_path)}).stdout


def test_bad_host_may_not_open_the_container(
    files: Path, devcontainer: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "python3").write_text('#!/bin/sh\ntest "$1" = -c\n', encoding="utf-8")
    (tmp_path / "python3").chmod(0o755)
    words = ("/bin/sh", "-c", devcontainer["initializeCommand"])
    assert command(*words, cwd=files, env={"PATH": str(tmp_path)}).returncode == 1
