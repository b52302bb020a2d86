"""`hangar hook text`: many checks in one process."""

import contextlib
import subprocess
from pathlib import Path

import pytest

from hangar_devkit.hooks import cli, text


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, as the working directory."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    return tmp_path


BAD = {
    "whitespace": ("notes.txt", "space \n"),
    "end-of-file": ("notes.txt", "no newline"),
    "line-endings": ("notes.txt", "one\r\ntwo\r\n"),
    "conflict-markers": ("notes.txt", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"),
    "size": ("big.txt", "x\n" * 600_000),
    "toml": ("broken.toml", "a = \n"),
    "yaml": ("broken.yaml", "a: [\n"),
    "json": ("broken.json", "{'a': 1}\n"),
}


@pytest.mark.parametrize("name", BAD)
def test_check_finds(here: Path, name: str) -> None:
    path, content = BAD[name]
    (here / path).write_text(content, encoding="utf-8", newline="")
    assert name in text.failed([path], text.CHECKS)


@pytest.mark.parametrize("name", BAD)
def test_skipped_check_finds_nothing(here: Path, name: str) -> None:
    path, content = BAD[name]
    (here / path).write_text(content, encoding="utf-8", newline="")
    assert name not in text.failed([path], set(text.CHECKS) - {name})


def test_names_that_differ_in_case(here: Path) -> None:
    for name in ("notes.md", "Notes.md"):
        (here / name).write_text("x\n", encoding="utf-8")
    assert text.failed(["notes.md", "Notes.md"], ["case-conflicts"]) == ["case-conflicts"]


def test_executable_without_a_shebang(here: Path) -> None:
    (here / "script").write_text("echo\n", encoding="utf-8")
    (here / "script").chmod(0o755)
    assert text.failed(["script"], ["shebangs"]) == ["shebangs"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("notes.md", "two spaces  \nare a line break\n"),
        (".vscode/settings.json", "// comment\n{}\n"),
        ("image.png", "\x89PNG\r\n\x1a\n \n\x00"),
    ],
)
def test_good_file_passes(here: Path, path: str, content: str) -> None:
    (here / path).parent.mkdir(exist_ok=True)
    (here / path).write_bytes(content.encode("latin-1"))
    assert text.failed([path], text.CHECKS) == []


def test_whitespace_is_fixed(here: Path) -> None:
    (here / "notes.txt").write_text("space \n", encoding="utf-8")
    cli.main(["text", "notes.txt"])
    assert (here / "notes.txt").read_text(encoding="utf-8") == "space\n"


def test_link_is_left_alone(here: Path) -> None:
    (here / "target").write_text("space \n", encoding="utf-8")
    (here / "link").symlink_to("target")
    assert text.failed(["link"], text.CHECKS) == []


def test_unknown_check_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):
        cli.main(["text", "--skip=spelling", "x"])
    assert "no check 'spelling'" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x"])
def test_path_outside_is_refused(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):
        cli.main(["secrets", path])
    assert "is not below this directory" in capsys.readouterr().err


def test_missing_file_is_one_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["secrets", "missing.txt"])
    assert capsys.readouterr().err == "hangar hook: missing.txt: No such file or directory\n"
