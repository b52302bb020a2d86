"""Python files are clean for the project's own rules, however long the package's name."""

from pathlib import Path

import pytest

from tests.conftest import Render
from tests.support.pairwise import pairwise
from tests.support.render import BIN, run
from tests.support.template import combinations

NAMES = ["a", "abcdefghij", "zebra", "x" * 50, "long_" * 9 + "names"]


@pytest.fixture(params=NAMES)
def named(render: Render, request: pytest.FixtureRequest) -> Path:
    """A project with every option, and a package of some name."""
    name = request.param
    slug = name.replace("_", "-")
    return render({"package_name": name, "project_slug": slug, "ml_pipeline": True})


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_is_content(named: Path, command: tuple[str, ...]) -> None:
    # The tools are the template's; lint them where they stand.
    done = run(BIN / "ruff", *command, "--no-cache", "--extend-exclude=tools", ".", cwd=named)
    assert done.code == 0, done.out


def test_python_is_the_same_wherever_it_is(render: Render) -> None:
    found: dict[str, set[bytes]] = {}
    for chosen in pairwise(combinations()):
        project = render(chosen)
        for path in project.rglob("src/**/*.py"):
            found.setdefault(path.relative_to(project).as_posix(), set()).add(path.read_bytes())
    # The commands of the pipeline are joined to the others there.
    assert {name for name, texts in found.items() if len(texts) > 1} == {"src/my_project/cli.py"}


def test_workflows_satisfy_an_auditor(render: Render) -> None:
    # The hook of a project asks less: its workflows are the user's too.
    workflows = render({"publish": "both"}) / ".github"
    done = run(BIN / "zizmor", "--offline", "--persona=auditor", "--no-progress", workflows)
    assert done.code == 0, done.out
