"""`hangar hook secrets`."""

from pathlib import Path

import pytest

from hangar_devkit.hooks import cli

# Put together here, or this repository's own hooks would find it.
MARK = "RSA PRIVATE " + "KEY-----\n"
KEY = f"-----BEGIN {MARK}{'MIIEowIBAAKCAQEA7Zs3q1vY0xk2J8' * 2}\n-----END {MARK}"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a key in it."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/key.pem").write_text(KEY, encoding="utf-8")
    (tmp_path / "good.txt").write_text("nothing\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_key_is_found() -> None:
    assert cli.main(["secrets", "good.txt", "conf/key.pem"]) == 1


@pytest.mark.usefixtures("here")
def test_report_names_the_file(capfd: pytest.CaptureFixture[str]) -> None:
    cli.main(["secrets", "good.txt", "conf/key.pem"])
    assert "conf/key.pem" in capfd.readouterr().out


@pytest.mark.usefixtures("here")
def test_report_hides_the_key(capfd: pytest.CaptureFixture[str]) -> None:
    cli.main(["secrets", "conf/key.pem"])
    assert "MIIEowIBAAKCAQEA7Zs3q1vY0xk2J8" not in capfd.readouterr().out


@pytest.mark.usefixtures("here")
def test_other_files_are_not_searched() -> None:
    assert cli.main(["secrets", "good.txt"]) == 0
