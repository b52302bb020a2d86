"""Python files are clean for the project's own rules, however long the package's name."""

from pathlib import Path

import pytest

from tests.conftest import Render
from tests.support.render import BIN, run
from tests.support.template import combinations

NAMES = ["a", "abcdefghij", "zebra", "x" * 50, "long_" * 9 + "names"]


@pytest.fixture(params=NAMES)
def named(render: Render, request: pytest.FixtureRequest) -> Path:
    """A project with a package of some name."""
    name = request.param
    return render({"package_name": name, "project_slug": name.replace("_", "-")})


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_is_content(named: Path, command: tuple[str, ...]) -> None:
    # The tools are the template's; lint them where they stand.
    done = run(BIN / "ruff", *command, "--no-cache", "--extend-exclude=tools", ".", cwd=named)
    assert (done.code, done.out) == (0, done.out)


def test_python_is_the_same_in_every_combination(render: Render) -> None:
    found = {
        tuple(sorted((path.name, path.read_bytes()) for path in render(chosen).rglob("src/*/*.py")))
        for chosen in combinations()
    }
    assert len(found) == 1
