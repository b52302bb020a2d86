"""The atomic writer."""

from pathlib import Path

import pytest

from hangar_devkit.files import write_atomically


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.txt", "one\r\ntwo \u2013 three\n")
    assert (tmp_path / "a.txt").read_bytes() == "one\r\ntwo \u2013 three\n".encode()


def test_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a longer old text")
    write_atomically(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "new"


def test_mode_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text("old")
    path.chmod(0o750)
    write_atomically(path, "new")
    assert path.stat().st_mode & 0o777 == 0o750


def test_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    write_atomically(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_symbolic_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a.txt")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "a.txt").read_text() == "new"


@pytest.fixture
def failed(tmp_path: Path) -> Path:
    """A directory in which a file was to be replaced by text that UTF-8 cannot hold."""
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path / "a.txt", "new\ud800")
    return tmp_path


def test_failure_leaves_the_old_file(failed: Path) -> None:
    assert (failed / "a.txt").read_text() == "old"


def test_failure_leaves_nothing_beside_it(failed: Path) -> None:
    assert [path.name for path in failed.iterdir()] == ["a.txt"]
