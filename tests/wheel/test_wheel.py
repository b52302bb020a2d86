"""The wheel is the same bytes wherever it is built, and holds what it should."""

import email.message
import email.parser
import os
import re
import zipfile
from pathlib import Path

import pytest

from scripts import wheel

from .conftest import ROOT, checkout

KILOBYTE = 1000


@pytest.fixture(scope="module")
def names(built: Path) -> list[str]:
    """The files in the wheel."""
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def metadata(built: Path) -> email.message.Message:
    """The wheel's core metadata."""
    with zipfile.ZipFile(built) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        return email.parser.BytesParser().parsebytes(archive.read(name))


def test_two_builds_are_byte_identical(built: Path, tmp_path: Path) -> None:
    elsewhere = checkout(tmp_path / "a rather longer path")
    for path in elsewhere.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (1e9, 1e9))
    umask = os.umask(0o077)
    try:
        again = wheel.build(elsewhere, tmp_path / "again")
    finally:
        os.umask(umask)
    assert again.read_bytes() == built.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "hangar_devkit/py.typed",
        "hangar_devkit/preflight/preflight.schema.json",
        "hangar_devkit/docs/theme/assets/stylesheets/hangar.css",
        "hangar_devkit/docs/theme/partials/source.html",
    ],
)
def test_it_holds_the_data(names: list[str], name: str) -> None:
    assert name in names


def test_it_holds_every_module(names: list[str]) -> None:
    sources = ROOT / "devkit" / "src"
    modules = {path.relative_to(sources).as_posix() for path in sources.rglob("*.py")}
    assert modules == {name for name in names if name.endswith(".py")}


def test_it_holds_no_tests(names: list[str]) -> None:
    assert [name for name in names if re.search(r"(^|/)(tests?/|test_|conftest)", name)] == []


def test_its_licence_is_mit(metadata: email.message.Message) -> None:
    assert metadata["License-Expression"] == "MIT"


def test_its_readme_is_that_of_devkit(metadata: email.message.Message) -> None:
    readme = (ROOT / "devkit/README.md").read_text(encoding="utf-8")
    assert str(metadata.get_payload()).strip() == readme.strip()


def test_it_needs_no_other_package(metadata: email.message.Message) -> None:
    needed = metadata.get_all("Requires-Dist", [])
    assert [line for line in needed if "extra ==" not in line] == []


def test_it_is_smaller_than_450_kilobytes(built: Path) -> None:
    assert built.stat().st_size < 450 * KILOBYTE


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with its wheel. Each test restores what it changes."""
    root = checkout(tmp_path_factory.mktemp("checkout") / "template")
    wheel.install(root)
    return root


def only_wheel(root: Path) -> Path:
    (found,) = (root / wheel.TOOLS).glob(wheel.WHEELS)
    return found


def test_a_fresh_wheel_passes_the_check(installed: Path) -> None:
    assert wheel.differences(installed) == []


def test_the_check_finds_changed_sources(installed: Path) -> None:
    path = installed / "devkit/src/hangar_devkit/__main__.py"
    before = path.read_text(encoding="utf-8")
    path.write_text(before + "# changed\n", encoding="utf-8")
    problems = wheel.differences(installed)
    path.write_text(before, encoding="utf-8")
    name = only_wheel(installed).name
    assert problems == [f"{wheel.TOOLS}/{name}: its bytes are not those of the sources"]


def test_the_check_finds_a_second_wheel(installed: Path) -> None:
    second = only_wheel(installed).with_name("hangar_devkit-0.0.1-py3-none-any.whl")
    second.touch()
    problems = wheel.differences(installed)
    second.unlink()
    assert [line for line in problems if second.name in line]


def test_the_check_finds_a_missing_wheel(installed: Path) -> None:
    found = only_wheel(installed)
    content = found.read_bytes()
    found.unlink()
    problems = wheel.differences(installed)
    found.write_bytes(content)
    assert problems == [f"{wheel.TOOLS}: expected {found.name}, found no wheel"]


@pytest.mark.parametrize("name", ["pyproject.toml", f"{wheel.PROJECT}/pyproject.toml"])
def test_the_check_finds_another_version(installed: Path, name: str) -> None:
    path = installed / name
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace(wheel.version(installed), "0.0.1"), encoding="utf-8")
    problems = wheel.differences(installed)
    path.write_text(before, encoding="utf-8")
    assert problems == [f"{name}: does not name version {wheel.version(installed)}"]


def test_a_new_version_replaces_the_wheel(tmp_path: Path) -> None:
    root = checkout(tmp_path / "template")
    wheel.install(root)
    manifest = root / "devkit/pyproject.toml"
    text = manifest.read_text(encoding="utf-8").replace(wheel.version(root), "9.8.7")
    manifest.write_text(text, encoding="utf-8")
    wheel.install(root)
    assert only_wheel(root).name == "hangar_devkit-9.8.7-py3-none-any.whl"
