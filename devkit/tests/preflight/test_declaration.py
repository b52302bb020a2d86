"""The declaration: what it may contain; anything else is refused in one line."""

from pathlib import Path

import pytest

from hangar_devkit.preflight.cli import main
from hangar_devkit.preflight.declaration import size
from hangar_devkit.preflight.errors import DeclarationError
from hangar_devkit.preflight.known_libraries import LIBRARIES
from hangar_devkit.preflight.pyproject import load

from .fakes import Sandbox

TABLE = "[tool.preflight"
MALFORMED = {
    "no TOML": "[tool.preflight",
    "twice the same key": f"{TABLE}]\n{TABLE}]",
    "no value": f"{TABLE}]\nignore =",
    "a bare word": f"{TABLE}]\nignore = [PF101]",
    "preflight is a number": "[tool]\npreflight = 3",
    "preflight is a list": "[tool]\npreflight = []",
    "tool is a string": 'tool = "x"',
    "project is a list": "project = []",
    "extras are a list": "[project]\noptional-dependencies = []",
    "groups are a string": 'dependency-groups = "dev"',
    "uv is a number": "[tool]\nuv = 1",
    "workspace is a list": "[tool.uv]\nworkspace = []",
    "unknown table": f"{TABLE}.library]\nlibpcap = true",
    "unknown key": f"{TABLE}]\nlibrary = true",
    "ignore is a number": f"{TABLE}]\nignore = 3",
    "ignore holds a number": f"{TABLE}]\nignore = [101]",
    "ignore holds nothing": f'{TABLE}]\nignore = [""]',
    "ignore names no check": f'{TABLE}]\nignore = ["PF999"]',
    "ignore names everything": f'{TABLE}]\nignore = ["PF"]',
    "libraries is a list": f'{TABLE}]\nlibraries = ["libpcap"]',
    "library is false": f"{TABLE}.libraries]\nlibpcap = false",
    "library is a string": f'{TABLE}.libraries]\nlibpcap = "libpcap0.8"',
    "library without soname": f'{TABLE}.libraries]\nlibx = {{ apt = "libx1" }}',
    "unknown library": f"{TABLE}.libraries]\nlibx = true",
    "unknown package manager": f'{TABLE}.libraries]\nlibpcap = {{ pacman = "libpcap" }}',
    "soname is a number": f"{TABLE}.libraries]\nlibx = {{ soname = 1 }}",
    "soname holds a table": f"{TABLE}.libraries]\nlibx = {{ soname = [{{}}] }}",
    "apt is true": f"{TABLE}.libraries]\nlibpcap = {{ apt = true }}",
    "apt holds a list": f'{TABLE}.libraries]\nlibpcap = {{ apt = [["a"]] }}',
    "apt is an option": f'{TABLE}.libraries]\nlibpcap = {{ apt = "--allow-downgrades" }}',
    "apt is a command": f'{TABLE}.libraries]\nlibpcap = {{ apt = "a; rm -rf /" }}',
    "apt has a line break": f'{TABLE}.libraries]\nlibpcap = {{ apt = "a\\nb" }}',
    "url is a list": f"{TABLE}.libraries]\nlibpcap = {{ url = [] }}",
    "optional is a string": f'{TABLE}.libraries]\nlibpcap = {{ optional = "yes" }}',
    "unknown purpose": f'{TABLE}.libraries]\nlibpcap = {{ for = "tests" }}',
    "purpose is a list": f'{TABLE}.libraries]\nlibpcap = {{ for = ["dev"] }}',
    "executables is a string": f'{TABLE}]\nexecutables = "git"',
    "executable is a number": f"{TABLE}.executables]\ngit = 2.30",
    "executable has no version": f'{TABLE}.executables]\ngit = "newest"',
    "minimum is a number": f"{TABLE}.executables]\ngit = {{ minimum = 2 }}",
    "flag is a list": f"{TABLE}.executables]\ngit = {{ flag = [] }}",
    "executable has a soname": f'{TABLE}.executables]\ngit = {{ soname = "a" }}',
    "unknown type": f'{TABLE}.environment]\nPORT = "integer"',
    "variable is a number": f"{TABLE}.environment]\nPORT = 80",
    "enum without values": f'{TABLE}.environment]\nLEVEL = "enum"',
    "values without enum": f'{TABLE}.environment]\nLEVEL = {{ type = "str", values = ["a"] }}',
    "unknown key of a variable": f'{TABLE}.environment]\nPORT = {{ fallback = "80" }}',
    "default is a number": f"{TABLE}.environment]\nPORT = {{ default = 80 }}",
    "ports is a list": f"{TABLE}]\nports = [8000]",
    "port is a string": f'{TABLE}.ports]\nweb = "8000"',
    "port is true": f"{TABLE}.ports]\nweb = true",
    "port is 0": f"{TABLE}.ports]\nweb = 0",
    "port is too high": f"{TABLE}.ports]\nweb = 65536",
    "unknown capability": f"{TABLE}.capabilities]\nnet_admin = true",
    "capability is a string": f'{TABLE}.capabilities]\nnet_raw = "yes"',
    "memory is a number": f"{TABLE}.resources]\nmemory = 8",
    "memory has no unit": f'{TABLE}.resources]\nmemory = "8"',
    "disk is negative": f'{TABLE}.resources]\ndisk = "-1 GB"',
    "cpus is a fraction": f"{TABLE}.resources]\ncpus = 1.5",
    "cpus is 0": f"{TABLE}.resources]\ncpus = 0",
    "cpus is true": f"{TABLE}.resources]\ncpus = true",
    "unknown resource": f'{TABLE}.resources]\nswap = "1 GB"',
}
UNREADABLE = ("a folder", "latin-1", "a NUL byte", "nothing")


@pytest.fixture
def unreadable(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    manifest = tmp_path / "pyproject.toml"
    if request.param == "a folder":
        manifest.mkdir()
    if request.param == "latin-1":
        manifest.write_bytes(b'[project]\nname = "na\xefve"\n')
    if request.param == "a NUL byte":
        manifest.write_bytes(b"[project]\nname = \0\n")
    return tmp_path


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_declaration_is_exit_code_2(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert main([f"--project={tmp_path}"]) == 2


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_declaration_is_one_line_that_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    main([f"--project={tmp_path}"])
    lines = capsys.readouterr().err.splitlines()
    assert [
        line.startswith(f"hangar preflight: {tmp_path}/pyproject.toml: ") for line in lines
    ] == [True]


@pytest.mark.parametrize("unreadable", UNREADABLE, indirect=True)
def test_an_unreadable_file_is_exit_code_2(unreadable: Path) -> None:
    assert main([f"--project={unreadable}"]) == 2


@pytest.mark.parametrize("unreadable", UNREADABLE, indirect=True)
def test_an_unreadable_file_is_one_line(
    unreadable: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([f"--project={unreadable}"])
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_key_and_the_allowed_values_are_named(sandbox: Sandbox) -> None:
    sandbox.declare(f'{TABLE}.environment]\nPORT = "integer"')
    with pytest.raises(DeclarationError) as refused:
        load(str(sandbox.project))
    assert refused.value.problems[0].endswith(
        "tool.preflight.environment.PORT.type: invalid value 'integer' "
        "(allowed: str, int, bool, url, path, enum)"
    )


def test_every_problem_is_named_at_once(sandbox: Sandbox) -> None:
    sandbox.declare(f'{TABLE}.ports]\na = 0\n{TABLE}.resources]\nmemory = "much"')
    with pytest.raises(DeclarationError) as refused:
        load(str(sandbox.project))
    assert len(refused.value.problems) == 2


def test_no_manifest_is_exit_code_2(tmp_path: Path) -> None:
    assert main([f"--project={tmp_path}"]) == 2


def test_a_library_is_one_line(sandbox: Sandbox) -> None:
    sandbox.declare(f"{TABLE}.libraries]\nlibpcap = true")
    assert sandbox.declaration().packages("apt") == ["libpcap0.8"]


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_known_library_has_what_its_declaration_needs(sandbox: Sandbox, name: str) -> None:
    sandbox.declare(f"{TABLE}.libraries]\n{name} = true")
    assert sandbox.declaration().libraries[0].sonames


def test_a_declaration_overrides_a_known_library(sandbox: Sandbox) -> None:
    sandbox.declare(f'{TABLE}.libraries]\nlibpcap = {{ apt = ["libpcap0.8t64", "tcpdump"] }}')
    assert sandbox.declaration().packages("apt") == ["libpcap0.8t64", "tcpdump"]


PURPOSES = [("runtime", ["b"]), ("build", ["c"]), ("dev", ["a", "b", "c"])]


@pytest.mark.parametrize(("purpose", "packages"), PURPOSES)
def test_packages_have_a_purpose(sandbox: Sandbox, purpose: str, packages: list[str]) -> None:
    sandbox.declare(
        f'{TABLE}.executables]\none = {{ apt = "a", for = "dev" }}\ntwo = {{ apt = "b" }}\n'
        'three = { apt = "c", for = "build" }'
    )
    assert sandbox.declaration().packages("apt", purpose) == packages


@pytest.mark.parametrize(
    ("text", "amount"),
    [("4gb", 4 << 30), ("4 GB", 4 << 30), ("1.5 GiB", 3 << 29), ("512mb", 512 << 20), ("4", 0)],
)
def test_a_size_is_parsed(text: str, amount: int) -> None:
    assert size(text) == amount
