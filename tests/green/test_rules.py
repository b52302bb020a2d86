"""Each hook and session refuses what it is there for: break its rule, and see it fail."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.green.conftest import nox
from tests.support.render import Run, run
from tests.support.template import SOURCE, git

pytestmark = pytest.mark.slow

Break = Callable[[Path], object]


def write(name: str, text: str, mode: int = 0o644) -> Break:
    """Break a rule with a new file."""

    def change(place: Path) -> None:
        path = place / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
        path.chmod(mode)

    return change


def swap(name: str, old: str, new: str) -> Break:
    """Break a rule in a file that is there."""

    def change(place: Path) -> None:
        text = (place / name).read_text(encoding="utf-8")
        changed = re.sub(old, new, text, count=1, flags=re.MULTILINE)
        assert changed != text, f"{name} has no {old}"
        (place / name).write_text(changed, encoding="utf-8")

    return change


# Put together here, or this repository's own hooks would find them.
MARK = "RSA PRIVATE " + "KEY-----\n"
KEY = f"-----BEGIN {MARK}{'MIIEowIBAAKCAQEA7Zs3q1vY0xk2J8' * 2}\n-----END {MARK}"
TYPO = "We will rec" + "ieve the readings.\n"

# The name of a hook, and after a colon which of its checks.
RULES: dict[str, Break] = {
    "text: whitespace": write("notes.txt", "space \n"),
    "text: end of file": write("notes.txt", "no newline"),
    "text: line endings": write("notes.txt", "one\r\ntwo\r\n"),
    "text: conflict markers": write("notes.txt", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"),
    "text: case conflicts": write("readme.MD", "two names\n"),
    "text: size": write("big.txt", "x" * 1023 + "\n" + ("y" * 1023 + "\n") * 1100),
    "text: shebangs": write("script", "echo\n", 0o755),
    "text: TOML": write("broken.toml", "a = \n"),
    "text: YAML": write("broken.yaml", "a: [\n"),
    "text: JSON": write("broken.json", "{'a': 1}\n"),
    "secrets": write("key.txt", KEY),
    "typos": write("notes.md", TYPO),
    "ruff-check": write("src/my_project/bad.py", '"""Bad."""\n\nimport os\n'),
    "ruff-format": write("src/my_project/bad.py", '"""Bad."""\n\nx  =  1\n'),
    "shellcheck": write("bad.sh", '#!/bin/sh\ncd "$1"\nrm $2\n'),
    "hadolint": swap("Dockerfile", r"^FROM python:\$\S*", "FROM python:latest"),
    "schemas: compose": swap("compose.yaml", r"^    build:", "    imagee: x\n    build:"),
    "schemas: dev container": swap(
        ".devcontainer/devcontainer.json", r"^\{", '{ "forwardPort": 1,'
    ),
    "schemas: workflows": swap(".github/workflows/ci.yml", r"runs-on:", "run-on:"),
    "zizmor": swap(".github/workflows/ci.yml", r"checkout@\S+", "checkout@v4"),
    "schemas: Renovate": swap("renovate.json5", r"^\{", '{ "rangeStrategy": "any",'),
    "schemas: GitLab CI": swap(".gitlab-ci.yml", r"^  parallel:", "  parallel_:"),
    "testlint": write("tests/test_bad.py", "def test_bad() -> None:\n    assert 1\n    assert 2\n"),
    "contracts": swap("contracts/reading.schema.json", r"additionalProperties", "additionalProps"),
    "pages": swap("docs/reference/contracts.md", r"^# .*$", "# Something else"),
    "adr": write("docs/decisions/0099-bad.md", "# No front matter\n"),
    "mypy": write("src/my_project/bad.py", '"""Bad."""\n\nX: int = "one"\n'),
}


@pytest.fixture
def broken(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A project that breaks one rule, and is put right afterwards."""
    place: Path = request.getfixturevalue(
        "ready_on_gitlab" if request.param == "schemas: GitLab CI" else "ready"
    )
    RULES[request.param](place)
    git(place, "add", "--intent-to-add", ".")
    yield place
    restore(place)


def restore(place: Path) -> None:
    """Put a project back to its last commit."""
    git(place, "reset", "--quiet", "--hard")
    git(place, "clean", "--quiet", "--force", "-d")


def hook(place: Path, name: str) -> Run:
    """Run one hook on every file, as `nox -s lint` does."""
    stage = "pre-push" if name == "mypy" else "pre-commit"
    return run(
        *("uv", "run", "--frozen", "--no-sync", "pre-commit", "run", name, "--all-files"),
        f"--hook-stage={stage}",
        cwd=place,
        # On a developer's machine the lint of tests only warns.
        env={"CI": "true"} if name == "testlint" else None,
    )


@pytest.mark.parametrize(("broken", "name"), [(n, n) for n in RULES], indirect=["broken"])
def test_hook_refuses(broken: Path, name: str) -> None:
    done = hook(broken, name.partition(":")[0])
    assert (done.code, "Failed" in done.out) == (1, True), done.out + done.err


def test_every_hook_has_a_rule_to_break() -> None:
    source = (SOURCE / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"- id: (\S+)", source)) == {name.partition(":")[0] for name in RULES}


SESSIONS: dict[str, Break] = {
    "lint": write("notes.md", TYPO),
    "typecheck": write("src/my_project/bad.py", '"""Bad."""\n\nX: int = "one"\n'),
    "tests": write("tests/test_bad.py", "def test_bad() -> None:\n    assert 1 == 2\n"),
    "docs": write("docs/bad.md", "# Bad\n\n[nowhere](nowhere.md)\n"),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_session_refuses(ready: Path, name: str, request: pytest.FixtureRequest) -> None:
    request.addfinalizer(lambda: restore(ready))
    SESSIONS[name](ready)
    assert nox(ready, name).code == 1
