"""What the container files say, without an engine."""

import re
from pathlib import Path
from typing import Any

import json5
import pytest
import yaml

from tests.support.container import command
from tests.support.guide import steps
from tests.support.render import BIN, by_api
from tests.support.template import ROOT

CI_FILES = (".github/workflows/ci.yml", ".gitlab-ci.yml")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered project."""
    folder = tmp_path_factory.mktemp("files")
    return by_api(ROOT, folder, {})


@pytest.fixture(scope="session")
def devcontainer(files: Path) -> dict[str, Any]:
    text = (files / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    return dict(json5.loads(text))


def test_devcontainer_is_valid(files: Path) -> None:
    assert (
        command(
            BIN / "hangar", "hook", "schemas", ".devcontainer/devcontainer.json", cwd=files
        ).returncode
        == 0
    )


def test_dockerfile_is_clean(files: Path) -> None:
    assert command(BIN / "hadolint", files / "Dockerfile").stdout == ""


@pytest.fixture(scope="module", params=["github", "gitlab"])
def with_own_lines(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project with every line that the page *Your own lines* of the guide shows."""
    project = by_api(ROOT, tmp_path_factory.mktemp("own"), {"ci": request.param})
    other = {"github": ".gitlab", "gitlab": ".github"}[request.param]
    for step in steps("own-lines.md"):
        if not step.title.startswith(other):
            step.edit(project)
    return project


def test_own_lines_are_valid(with_own_lines: Path) -> None:
    files = (".devcontainer/devcontainer.json", "compose.yaml", "renovate.json5")
    ci = [name for name in CI_FILES if (with_own_lines / name).exists()]
    done = command(BIN / "hangar", "hook", "schemas", *files, *ci, cwd=with_own_lines)
    assert done.returncode == 0, done.stdout


def test_own_lines_of_the_dockerfile_are_clean(with_own_lines: Path) -> None:
    assert command(BIN / "hadolint", with_own_lines / "Dockerfile").stdout == ""


def test_dockerfile_names_no_frontend(files: Path) -> None:
    """Such a line makes the build fetch an image more, and fail where there is no network."""
    assert not re.search(r"(?im)^#\s*syntax\s*=", (files / "Dockerfile").read_text())


def test_only_the_last_mount_of_a_step_is_locked(files: Path) -> None:
    """Podman before 4.4 never releases another one, and the next step waits for it for ever."""
    text = (files / "Dockerfile").read_text(encoding="utf-8")
    steps = [mounts.split() for mounts in re.findall(r"RUN ((?:--mount=\S+[\s\\]+)+)", text)]
    assert not [mount for mounts in steps for mount in mounts[:-2] if "locked" in mount]


def test_a_step_locks_only_its_last_mount(files: Path) -> None:
    """Podman 4.3 releases no other lock, so the next stage would wait forever."""
    text = (files / "Dockerfile").read_text(encoding="utf-8")
    assert not re.findall(r"sharing=locked \\\n +--mount", text)


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
