"""What `hangar image` asks of the engine.

Attestations need a registry and an image of BuildKit, so a stand-in of each engine notes what it
is asked. Images without attestations are built and pushed for real, in tests/containers.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hangar_devkit.release import cli

ENGINE = """\
#!/bin/sh
echo "$*" >>"$CALLS"
[ "$1" != "$FAILING" ] || { echo "connection refused" >&2; exit 1; }
for word; do
  case $word in
    --metadata-file=*) echo '{"containerimage.digest": "sha256:12"}' >"${word#*=}" ;;
  esac
done
"""


@pytest.fixture
def notes(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which stand-ins of Docker and Podman note what they are asked."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for engine in ("docker", "podman"):
        (programs / engine).write_text(ENGINE, encoding="utf-8")
        (programs / engine).chmod(0o755)
    git = str(Path(shutil.which("git") or "git").parent)
    monkeypatch.setenv("PATH", os.pathsep.join([str(programs), git, "/usr/bin", "/bin"]))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("FAILING", "")
    monkeypatch.chdir(project)
    return tmp_path / "calls"


@pytest.fixture
def calls(notes: Path) -> list[str]:
    """What Docker was asked for by a push with attestations."""
    cli.image_main(["--attest", "--push=registry.example.com/x", "--digest-file=digest"])
    return notes.read_text(encoding="utf-8").splitlines()


def test_podman_gives_the_files_the_time_of_the_commit(
    notes: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANGAR_ENGINE", "podman")
    cli.image_main([])
    command = ("git", "log", "-1", "--format=--timestamp=%ct")
    option = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert option.stdout.strip() in notes.read_text(encoding="utf-8").split()


@pytest.mark.usefixtures("notes")
def test_a_registry_that_is_gone_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAILING", "push")
    cli.image_main(["--push=registry.example.com/x"])
    assert capsys.readouterr().err.splitlines() == [
        "hangar image: the registry does not take registry.example.com/x:0.1.0:",
        "  connection refused",
    ]


def test_the_tested_image_is_one_that_docker_can_run(calls: list[str]) -> None:
    (build,) = (call for call in calls if call.startswith("build "))
    assert "--builder" not in build


def test_attestations_come_from_the_builder(calls: list[str]) -> None:
    (build,) = (call for call in calls if call.startswith("buildx "))
    assert "--builder=hangar" in build


def test_what_was_pushed_is_run(calls: list[str]) -> None:
    assert calls[-1].endswith("registry.example.com/x@sha256:12 --help")


@pytest.mark.usefixtures("calls")
def test_the_digest_is_written(project: Path) -> None:
    assert (project / "digest").read_text(encoding="utf-8") == "sha256:12\n"
