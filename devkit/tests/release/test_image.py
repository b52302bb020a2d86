"""What `hangar image --attest` asks of Docker.

Attestations need a registry and an image of BuildKit, so a stand-in of Docker notes what it is
asked. Images without attestations are built and pushed for real, in tests/containers.
"""

import os
import shutil
from pathlib import Path

import pytest

from hangar_devkit.release import cli

DOCKER = """\
#!/bin/sh
echo "$*" >>"$CALLS"
for word; do
  case $word in
    --metadata-file=*) echo '{"containerimage.digest": "sha256:12"}' >"${word#*=}" ;;
  esac
done
"""


@pytest.fixture
def calls(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Docker was asked for by a push with attestations."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER, encoding="utf-8")
    (programs / "docker").chmod(0o755)
    git = str(Path(shutil.which("git") or "git").parent)
    monkeypatch.setenv("PATH", os.pathsep.join([str(programs), git, "/usr/bin", "/bin"]))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.chdir(project)
    cli.image_main(["--attest", "--push=registry.example.com/x", "--digest-file=digest"])
    return (tmp_path / "calls").read_text(encoding="utf-8").splitlines()


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
