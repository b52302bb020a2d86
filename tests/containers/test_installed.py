"""Plain pip installs the wheel on the newest Python, which this machine may not have."""

from pathlib import Path

import docker
import pytest

from scripts import wheel

pytestmark = pytest.mark.container

IMAGE = "python:3.14-slim-trixie"
SCRIPT = """\
set -e
pip install --quiet --root-user-action=ignore --disable-pip-version-check pytest /wheel/*.whl
mkdir -p /project/tests && cd /project
printf '[project]\\nname = "lab"\\nversion = "1"\\n' >pyproject.toml
printf 'def test_fails():\\n    assert 1 == 2\\n' >tests/test_lab.py
python -W error -m pytest --quiet || true
"""
COMMANDS = {
    "preflight --scope=test": " ok\n",
    "history export": '"nodeid": "tests/test_lab.py::test_fails"',
    "triage": "tests/test_lab.py::test_fails",
    "adr new Start": "docs/decisions/0001-start.md",
    "docs pages": "docs/reference/contracts.md",
}


@pytest.fixture(scope="module")
def printed(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the commands print in a new environment."""
    directory = tmp_path_factory.mktemp("wheel")
    wheel.build(wheel.ROOT, directory)
    Path(directory).chmod(0o755)
    lines = [f"hangar {command} 2>&1 || true" for command in COMMANDS]
    script = SCRIPT + "\n".join(lines)
    mounts = {str(directory): {"bind": "/wheel", "mode": "ro"}}
    output = engine.containers.run(
        IMAGE, ["sh", "-c", script], volumes=mounts, remove=True, stderr=True
    )
    return str(output.decode())


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_each_command_does_its_work(printed: str, words: str) -> None:
    assert words in printed


def test_there_is_no_traceback(printed: str) -> None:
    assert "Traceback" not in printed
