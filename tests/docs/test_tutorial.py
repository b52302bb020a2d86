"""Home page and tutorial: typed in a new project, they make a program that passes every check."""

from pathlib import Path

import pytest

from devkit.tests.support.ports import free_port
from tests.support.reader import Reader, commands, ready, script
from tests.support.template import ROOT
from tests.support.tutorial import blocks, follow

EXAMPLE = ROOT / "devkit/src/hangar_devkit/docs/guide/example.md"
OTHER_PROGRAM = ROOT / "docs/tutorial/static-site.md"
PAGES = sorted((ROOT / "docs/tutorial").glob("grow-*.md"))


@pytest.mark.docs_commands
def test_commands_show_what_the_pages_say(reader: Reader, tmp_path: Path) -> None:
    project = ready(reader, tmp_path, {})
    missing = follow(project / "docs/index.md", project, reader, {})
    reader.sees(script(commands(EXAMPLE), {}), project)
    reader.sees(script(["git add --all", "git commit --quiet --message=Empty"], {}), project)
    missing += follow(OTHER_PROGRAM, project, reader, {})
    reader.sees(script(["git reset --quiet --hard", "git clean --quiet -d --force"], {}), project)
    instead = {
        "8765": str(free_port()),
        # The audit wants a database of vulnerabilities.
        "--dry-run": "--dry-run --skip-audit",
    }
    missing += [line for page in PAGES for line in follow(page, project, reader, instead)]
    assert missing == []


def test_pages_show_files_and_commands() -> None:
    """A pattern that finds nothing would make the test above pass."""
    pages = [*PAGES[:4], OTHER_PROGRAM]
    assert all({"sh", "text"} <= {block.language for block in blocks(page)} for page in pages)
