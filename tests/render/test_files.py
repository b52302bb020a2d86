"""Every file of every combination is well-formed, tidy and portable."""

import re
import shutil
from collections import Counter
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import Render
from tests.support.formats import PARSERS, syntax_errors
from tests.support.render import contents
from tests.support.template import OPTIONS, TAGS, git, source

# Windows keeps these for devices, with any suffix, and these characters for itself.
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
FORBIDDEN = re.compile(r'[<>:"\\|?*\x00-\x1f]|[. ]$')
GAP = b"\n\n\n"
# Files that are right to be empty.
EMPTY = {"py.typed", "__init__.py"}


@cache
def texts(project: Path) -> dict[str, bytes]:
    # `tools/` is copied as it stands, and this repository's own hooks check it there.
    return {
        name: content
        for name, content in contents(project).items()
        if b"\0" not in content and not name.startswith("tools/")
    }


@pytest.mark.parametrize("parser", PARSERS)
def test_every_file_parses(project: Path, parser: str) -> None:
    assert syntax_errors(project, parser) == []


def test_no_tag_is_left(project: Path) -> None:
    # An id of a heading, {#such}, is Markdown's.
    tag = re.compile(rf"(?<!\$)({'|'.join(map(re.escape, TAGS))})(?!\w)")
    found = [
        name for name, content in texts(project).items() if tag.search(name + content.decode())
    ]
    assert found == []


def test_the_engine_is_not_named(project: Path) -> None:
    found = [
        name
        for name, content in texts(project).items()
        if re.search(rb"cookiecutter[.\[]", content)
    ]
    assert found == []


def test_files_end_with_one_newline(project: Path) -> None:
    found = [
        name
        for name, content in texts(project).items()
        if content and (not content.endswith(b"\n") or content.endswith(b"\n\n"))
    ]
    assert found == []


def test_files_begin_with_text(project: Path) -> None:
    found = [name for name, content in texts(project).items() if content[:1].isspace()]
    # The text of Apache-2.0 begins with its centred title.
    assert [name for name in found if name != "LICENSE"] == []


def test_only_markers_are_empty(project: Path) -> None:
    found = [name for name, content in texts(project).items() if not content]
    assert [name for name in found if PurePosixPath(name).name not in EMPTY] == []


def test_no_line_ends_with_space(project: Path) -> None:
    found = [
        f"{name}:{number}"
        for name, content in texts(project).items()
        for number, line in enumerate(content.split(b"\n"), 1)
        if line != line.rstrip()
    ]
    assert found == []


def test_tags_leave_no_blank_lines(project: Path) -> None:
    found = [
        name
        for name, content in texts(project).items()
        if name != "LICENSE" and content.count(GAP) > source(name).read_bytes().count(GAP)
    ]
    assert found == []


def test_names_are_legal_on_windows(project: Path) -> None:
    parts = {part for path in project.rglob("*") for part in path.relative_to(project).parts}
    assert [part for part in parts if DEVICE.fullmatch(part) or FORBIDDEN.search(part)] == []


def test_names_differ_in_more_than_case(project: Path) -> None:
    names = Counter(path.relative_to(project).as_posix().casefold() for path in project.rglob("*"))
    assert [name for name, count in names.items() if count > 1] == []


def test_paths_are_short_enough_for_windows(project: Path) -> None:
    # 260 in all; leave a hundred to the directory that the project stands in.
    assert max(map(len, contents(project))) <= 160


def test_executables_have_shebangs(project: Path) -> None:
    found = [
        name
        for name, content in contents(project).items()
        if bool((project / name).stat().st_mode & 0o100) != content.startswith(b"#!")
    ]
    assert found == []


def test_no_directory_is_empty(project: Path) -> None:
    # git would not keep it.
    assert [path for path in project.rglob("*") if path.is_dir() and not any(path.iterdir())] == []


@pytest.mark.parametrize("ci", OPTIONS["ci"])
def test_git_keeps_every_file(render: Render, tmp_path: Path, ci: str) -> None:
    project = Path(shutil.copytree(render({"ci": ci}), tmp_path / "project"))
    git(project, "init", "--quiet")
    assert git(project, "ls-files", "--others", "--ignored", "--exclude-standard") == ""
