"""`hangar unpack` on a project with a small wheel: nothing of the user's is lost."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hangar_devkit import unpack

WHEEL = "hangar_devkit-1.0-py3-none-any.whl"
MANIFEST = f"""\
[project]
name = "lab"

# The wheel in tools/. An update changes this line.
[tool.uv.sources.hangar-devkit]
path = "tools/{WHEEL}"

[tool.ruff]
"""
CONTENT = {
    "hangar_devkit/__init__.py": "",
    "hangar_devkit/docs/theme.css": "body {}\n",
    "hangar_devkit/pyproject.toml": "[project]\n",
    "hangar_devkit-1.0.dist-info/METADATA": "Name: hangar-devkit\n\n# hangar-devkit: größer\n",
    "hangar_devkit-1.0.dist-info/RECORD": "",
    "hangar_devkit-1.0.dist-info/licenses/LICENSE": "MIT\n",
}
TREE = {
    "LICENSE": b"MIT\n",
    "README.md": "# hangar-devkit: größer\n".encode(),
    "pyproject.toml": b"[project]\n",
    "src/hangar_devkit/__init__.py": b"",
    "src/hangar_devkit/docs/theme.css": b"body {}\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "pyproject.toml").write_text(MANIFEST, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "tools" / WHEEL, "w") as archive:
        for name, text in CONTENT.items():
            archive.writestr(name, text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sources(project: Path) -> Path:
    """The unpacked sources of the project."""
    assert unpack.main([]) == 0
    return project / "tools" / "hangar-devkit"


def manifest(project: Path) -> str:
    return (project / "pyproject.toml").read_text(encoding="utf-8")


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert unpack.main(arguments) == 2
    return capsys.readouterr().err


def test_the_sources_are_written(sources: Path) -> None:
    files = [path for path in sources.rglob("*") if path.is_file()]
    assert {path.relative_to(sources).as_posix(): path.read_bytes() for path in files} == TREE


def test_one_table_of_the_manifest_changes(sources: Path, project: Path) -> None:
    unpacked = MANIFEST.replace(f'tools/{WHEEL}"', 'tools/hangar-devkit"\neditable = true')
    assert manifest(project) == unpacked


def test_the_wheel_stays(sources: Path, project: Path) -> None:
    assert (project / "tools" / WHEEL).exists()


def test_nothing_else_is_left_in_tools(sources: Path, project: Path) -> None:
    names = sorted(path.name for path in (project / "tools").iterdir())
    assert names == ["hangar-devkit", WHEEL]


def test_windows_line_ends_stay(project: Path) -> None:
    (project / "pyproject.toml").write_bytes(MANIFEST.replace("\n", "\r\n").encode())
    unpack.main([])
    assert b"\r\neditable = true\r\n" in (project / "pyproject.toml").read_bytes()


def test_a_project_is_found_from_below(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "tools")
    assert unpack.main([]) == 0


def test_undo_deletes_the_sources(sources: Path) -> None:
    unpack.main(["--undo"])
    assert not sources.exists()


def test_undo_restores_the_manifest(sources: Path, project: Path) -> None:
    unpack.main(["--undo"])
    assert manifest(project) == MANIFEST


def test_caches_do_not_keep_undo_from_work(sources: Path) -> None:
    cache = sources / "src/hangar_devkit/__pycache__"
    cache.mkdir()
    (cache / "cli.pyc").touch()
    assert unpack.main(["--undo"]) == 0


def edit(sources: Path) -> str:
    (sources / "src/hangar_devkit/__init__.py").write_text("patched = True\n", encoding="utf-8")
    return "tools/hangar-devkit/src/hangar_devkit/__init__.py"


def add(sources: Path) -> str:
    (sources / "notes.txt").write_text("mine\n", encoding="utf-8")
    return "tools/hangar-devkit/notes.txt"


@pytest.mark.parametrize("change", [edit, add])
def test_undo_refuses_to_delete_the_users_work(
    sources: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Path], str]
) -> None:
    name = change(sources)
    assert name in refusal(capsys, "--undo")


def test_a_refused_undo_changes_nothing(sources: Path, project: Path) -> None:
    edit(sources)
    before = manifest(project)
    unpack.main(["--undo"])
    assert manifest(project) == before


def test_force_deletes_the_users_work(sources: Path) -> None:
    edit(sources)
    unpack.main(["--undo", "--force"])
    assert not sources.exists()


def test_edits_are_not_overwritten(sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(sources)
    assert "exists already" in refusal(capsys)


def test_an_interrupted_run_is_completed(sources: Path, project: Path) -> None:
    (project / "pyproject.toml").write_text(MANIFEST, encoding="utf-8")
    (sources / "README.md").unlink()
    unpack.main([])
    assert (sources / "README.md").read_bytes() == TREE["README.md"]


def test_a_missing_wheel_is_an_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tools" / WHEEL).unlink()
    assert "has no wheel of hangar-devkit. Restore it" in refusal(capsys)


def test_a_second_wheel_is_an_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tools" / "hangar_devkit-2.0-py3-none-any.whl").touch()
    assert "Delete those of other versions" in refusal(capsys)


def test_a_manifest_that_is_not_text_is_an_error(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_bytes(b"\xff")
    assert refusal(capsys).startswith("hangar unpack: ")


def test_a_damaged_wheel_is_an_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = (project / "tools" / WHEEL).read_bytes()
    (project / "tools" / WHEEL).write_bytes(content.replace(b"body {}", b"body []"))
    assert "cannot be read: Bad CRC-32" in refusal(capsys)


def test_a_name_that_leaves_the_tree_is_not_written(project: Path) -> None:
    with zipfile.ZipFile(project / "tools" / WHEEL, "a") as archive:
        archive.writestr("hangar_devkit/../../../evil.py", "")
    unpack.main([])
    assert not list(project.rglob("evil.py"))


def test_a_project_without_a_wheel_source_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    assert "[tool.uv.sources.hangar-devkit]" in refusal(capsys)
