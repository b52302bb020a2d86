"""A project's docs: built strictly, and following what they are made from."""

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from devkit.tests.support.ports import free_port

from .conftest import Project

pytestmark = pytest.mark.slow

PACKAGE = "tide_gauge"


def test_no_warning(made: Project) -> None:
    built = made.build()
    assert re.findall(r"WARNING.*|ERROR.*|\bMkDocs 2\b.*", built.out + built.err) == []


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("docs/index.md", "[gone](nowhere.md)", "nowhere.md"),
        ("docs/index.md", "[gone](decisions/index.md#nowhere)", "#nowhere"),
        ("docs/index.md", "[gone](environment/nowhere.md)", "environment/nowhere.md"),
        ("docs/index.md", "[gone](environment/tests.md#nowhere)", "#nowhere"),
        ("docs/index.md", f"[gone][{PACKAGE}.nowhere]", "nowhere"),
        ("docs/index.md", "```mermaid\nflowchart sideways\n a -> ]\n```", "flowchart sideways"),
    ],
)
def test_break_in_a_page_fails(project: Project, path: str, text: str, message: str) -> None:
    with (project.root / path).open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    built = project.build()
    assert (built.code != 0, message in built.err + built.out) == (True, True)


def test_documented_parameter_that_is_not_there_fails(project: Project) -> None:
    module = project.root / f"src/{PACKAGE}/drift.py"
    module.write_text(
        '"""Drift."""\n\n\ndef move(new: int) -> int:\n    """Move.\n\n'
        '    Args:\n        old: Where from.\n    """\n    return new\n',
        encoding="utf-8",
    )
    assert "'old'" in project.build().err


def test_renamed_parameter_fails_the_commit(project: Project) -> None:
    module = project.root / f"src/{PACKAGE}/drift.py"
    text = (
        '"""Drift."""\n\n\ndef move(old: int) -> int:\n    """Move.\n\n'
        '    Args:\n        old: Where from.\n    """\n    return old\n'
    )
    module.write_text(text, encoding="utf-8")
    project.git("add", ".")
    project.git("commit", "--message=Drift")
    module.write_text(text.replace("(old", "(new").replace("n old", "n new"), encoding="utf-8")
    project.git("add", ".")
    second = project.git("commit", "--message=Rename")
    assert "D417" in second.out + second.err


def test_new_module_shows_up(project: Project) -> None:
    module = project.root / f"src/{PACKAGE}/tides.py"
    module.write_text('"""High water, explained."""\n', encoding="utf-8")
    project.build()
    assert "High water, explained." in project.page(f"reference/{PACKAGE}/tides")


def test_new_decision_shows_up(project: Project) -> None:
    project.tool("hangar", "adr", "new", "Measure at noon")
    project.build()
    assert "Measure at noon" in project.page("decisions")


def test_new_requirement_shows_up(project: Project) -> None:
    with (project.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.preflight.libraries]\nlibpcap = true\n")
    project.build()
    assert "libpcap0.8" in project.page("environment/preflight")


def test_new_contract_shows_up(project: Project) -> None:
    schemas = project.root / f"src/{PACKAGE}/schemas"
    (schemas / "tide.py").write_text(
        '"""One tide."""\n\nfrom pydantic import BaseModel, Field\n\n\nclass Tide(BaseModel):\n'
        '    """High water."""\n\n    height: float = Field(gt=0, description="In metres.")\n',
        encoding="utf-8",
    )
    init = schemas / "__init__.py"
    init.write_text(
        init.read_text(encoding="utf-8") + '\nfrom .tide import Tide\n\n__all__ += ["Tide"]\n',
        encoding="utf-8",
    )
    project.tool("hangar", "contracts")
    project.build()
    assert "In metres." in project.page("reference/contracts")


def test_home_page_shows_the_contract(made: Project) -> None:
    assert '<span class="nc">Reading</span>' in made.page("")


def test_status_is_in_the_page(made: Project) -> None:
    page = made.page("decisions/0001-inherit-the-environment-from-a-template")
    assert "Status: <strong>accepted</strong>" in page


def test_date_is_in_the_page(project: Project) -> None:
    project.tool("hangar", "adr", "new", "Measure at noon")
    project.build()
    assert re.search(r"· Date: \d{4}-\d\d-\d\d", project.page("decisions/0002-measure-at-noon"))


@pytest.mark.parametrize("address", ["reference", "environment", "decisions"])
def test_address_of_a_section_has_a_page(made: Project, address: str) -> None:
    assert "<h1" in made.page(address)


def test_index_of_a_section_lists_its_pages(made: Project) -> None:
    links = re.findall(r'<li><a href="([^"]+)/">', made.page("reference"))
    assert links == ["command-line", "contracts", "sessions", PACKAGE]


def test_status_is_in_the_navigation(made: Project) -> None:
    assert "md-status--accepted" in made.page("decisions")


def test_superseded_is_in_the_navigation(project: Project) -> None:
    project.tool("hangar", "adr", "supersede", "1", "Leave the template")
    project.build()
    assert "md-status--superseded" in project.page("decisions")


def test_versions(project: Project) -> None:
    for version in ("0.1", "0.2"):
        project.tool("mike", "deploy", version, "latest", "-u", "--config-file=mkdocs.yml")
    listed = project.tool("mike", "list", "--config-file=mkdocs.yml")
    assert listed.out.split() == ["0.2", "[latest]", "0.1"]


def test_versions_can_be_chosen(project: Project) -> None:
    project.tool("mike", "deploy", "0.1", "--config-file=mkdocs.yml")
    page = project.git("show", "gh-pages:0.1/index.html").out
    assert '"provider": "mike"' in page


def test_no_choice_of_versions_without_mike(made: Project) -> None:
    assert '"provider"' not in made.page("decisions")


def test_next_engine_builds_too(project: Project) -> None:
    uv = ("uv", "sync", "--quiet", "--inexact", "--no-default-groups", "--group=docs-next")
    subprocess.run(
        uv,
        cwd=project.root,
        check=True,
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(project.root / ".venv")},
    )
    project.environment["UV_PROJECT_ENVIRONMENT"] = str(project.root / ".venv")
    shutil.rmtree(project.root / "site")
    project.tool("zensical", "build", "--config-file=mkdocs.yml")
    assert "The command line." in project.page(f"reference/{PACKAGE}/cli")


def test_serve_shows_an_edit(project: Project) -> None:
    """A docstring is changed while the docs are shown; the page follows."""
    host = f"127.0.0.1:{free_port()}"
    environment = {k: v for k, v in {**os.environ, **project.environment}.items() if v}
    command = ["uv", "run", "--frozen", "--no-sync", "properdocs", "serve", "-f", "mkdocs.yml"]
    with subprocess.Popen(
        [*command, f"--dev-addr={host}"],
        cwd=project.root,
        env=environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as server:
        try:
            address = f"http://{host}/reference/{PACKAGE}/cli/"
            eventually(address, "The command line")
            source = Path(project.root / f"src/{PACKAGE}/cli.py")
            text = source.read_text(encoding="utf-8")
            source.write_text(text.replace("The command line", "A new first line", 1))
            found = eventually(address, "A new first line")
        finally:
            os.killpg(server.pid, signal.SIGTERM)
    assert found


def eventually(address: str, text: str) -> bool:
    """Ask for a page until it has a text, two minutes at most."""
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own
                if text in answer.read().decode():
                    return True
        except OSError:
            pass
        time.sleep(0.5)
    return False
