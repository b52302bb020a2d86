"""Work on code that is not trusted: a clone on a volume, of which only commits come back."""

import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import docker
import pytest

from tests.support.container import command, succeed

pytestmark = pytest.mark.container

PAGE = files("hangar_devkit.docs.guide").joinpath("hosts.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Code that you do not trust")[2]
BLOCKS = re.findall(r"```sh\n(.+?)```", SECTION, re.DOTALL)
# What the code does: it commits a change, and plants a hook and a setting that run programs.
WORK = """
cd /home/dev/project
printf '#!/bin/sh\\ntouch /tmp/planted\\n' >tools/hooks/post-checkout
chmod +x tools/hooks/post-checkout
git config core.fsmonitor 'touch /tmp/planted'
git add --all
git -c user.name=x -c user.email=x@example.com commit --quiet --no-verify --message=Work
"""


@pytest.fixture(scope="module")
def fetched(
    engine: docker.DockerClient, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The repository on the host, after every command of the guide."""
    here = shutil.copytree(project, tmp_path_factory.mktemp("trusted") / project.name)
    succeed("git", "init", "--quiet", cwd=here)
    succeed("git", "config", "core.hooksPath", "tools/hooks", cwd=here)
    succeed("git", "add", "--all", cwd=here)
    succeed("git", "commit", "--quiet", "--no-verify", "--message=x", cwd=here)
    start, back = (block.replace("untrusted:/", "hangar-test-untrusted:/") for block in BLOCKS)
    assert " -it " in start
    start = start.replace(" -it ", " ").replace(" bash\n", f' sh -ec "{_quoted(WORK)}"\n')
    try:
        succeed("bash", "-euo", "pipefail", "-c", start + back, cwd=here)
        yield here
    finally:
        command("docker", "volume", "rm", "--force", "hangar-test-untrusted")
        command("docker", "image", "rm", "--force", "untrusted")


def _quoted(script: str) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", script)


def test_the_commit_is_fetched(fetched: Path) -> None:
    assert succeed("git", "log", "-1", "--format=%s", cwd=fetched).strip() == "Work"


def test_no_setting_is_fetched(fetched: Path) -> None:
    assert command("git", "config", "core.fsmonitor", cwd=fetched).stdout == ""


@pytest.mark.usefixtures("fetched")
def test_no_hook_of_it_has_run() -> None:
    assert not Path("/tmp/planted").exists()  # noqa: S108 - where the planted hook writes
