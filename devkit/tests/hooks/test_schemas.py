"""`hangar hook schemas`."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from hangar_devkit.hooks import cli

FILES = {
    **dict.fromkeys(
        ("compose.yaml", "tools/container/compose.yaml"),
        ("services: {x: {image: y}}\n", "services: {x: {imagee: y}}\n"),
    ),
    ".github/workflows/ci.yml": (
        "on: push\njobs: {x: {runs-on: y, steps: [{run: z}]}}\n",
        "on: push\njobs: {x: {run-on: y, steps: [{run: z}]}}\n",
    ),
    **dict.fromkeys(
        (".gitlab-ci.yml", "tools/ci/hangar.gitlab-ci.yml"),
        ("x: {script: [y]}\n", "x: {scripts: [y]}\n"),
    ),
    "renovate.json5": ('// comment\n{"rangeStrategy": "pin",}\n', '{"rangeStrategy": "any"}\n'),
    "renovate.json": ('{"rangeStrategy": "pin"}\n', '{"rangeStrategy": "any"}\n'),
    ".devcontainer/devcontainer.json": (
        '// comment\n{"name": "x", "image": "python",}\n',
        '{"name": "x", "image": "python", "remoteUsr": "dev"}\n',
    ),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with one good file of each sort."""
    for name, (good, _) in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(good, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_good_files_pass(here: Path) -> None:
    assert cli.main(["schemas", *FILES]) == 0


@pytest.mark.parametrize("name", FILES)
def test_bad_file_is_refused(here: Path, name: str) -> None:
    (here / name).write_text(FILES[name][1], encoding="utf-8")
    assert cli.main(["schemas", *FILES]) == 1


def test_report_names_the_key(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = ".devcontainer/devcontainer.json"
    (here / name).write_text(FILES[name][1], encoding="utf-8")
    cli.main(["schemas", name])
    assert "'remoteUsr' was unexpected" in capsys.readouterr().out


def test_file_without_a_schema_is_left_out(here: Path) -> None:
    (here / "notes.json").write_text("not json", encoding="utf-8")
    assert cli.main(["schemas", "notes.json"]) == 0


SCHEMA = json.loads(
    (files("hangar_devkit.hooks") / "devcontainer.schema.json").read_text(encoding="utf-8")
)
GOOD = {"name": "x", "image": "python"}


def accepts(document: object) -> bool:
    """Return whether `devcontainer.json` may hold a document."""
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
