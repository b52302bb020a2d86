"""The command that installs what is declared."""

import pytest

from hangar_devkit.preflight.install import commands, install

from .cases import Arrange, both, machine, platform, system
from .fakes import Sandbox

DECLARED = """\
[tool.preflight.libraries]
libpcap = { winget = ["A.A", "B.B"] }
[tool.preflight.executables]
git = { apt = "git", dnf = "git", brew = "git", for = "dev" }
"""
MACHINES: dict[str, tuple[Arrange, list[str]]] = {
    "apt": (
        system("/usr/bin/apt-get"),
        ["sudo apt-get update", "sudo apt-get install -y git libpcap0.8"],
    ),
    "apt, root": (
        both(system("/usr/bin/apt-get"), machine(uid=0)),
        ["apt-get update", "apt-get install -y git libpcap0.8"],
    ),
    "dnf": (system("/usr/bin/dnf"), ["sudo dnf install -y git libpcap"]),
    "brew": (platform("macos"), ["brew install git libpcap"]),
    "winget": (platform("windows"), ["winget install --exact A.A", "winget install --exact B.B"]),
    "none": (machine(), []),
}


@pytest.fixture
def debian(sandbox: Sandbox) -> Sandbox:
    """A machine with apt, in a project that declares packages."""
    sandbox.declare(DECLARED)
    sandbox.system("/usr/bin/apt-get")
    return sandbox


@pytest.mark.parametrize(("arrange", "wanted"), MACHINES.values(), ids=MACHINES)
def test_the_package_manager_is_that_of_the_machine(
    sandbox: Sandbox, arrange: Arrange, wanted: list[str]
) -> None:
    sandbox.declare(DECLARED)
    arrange(sandbox)
    assert [" ".join(c) for c in commands(sandbox.declaration(), sandbox.build(), "dev")] == wanted


def test_only_packages_of_the_purpose_are_installed(debian: Sandbox) -> None:
    last = commands(debian.declaration(), debian.build(), "runtime")[-1]
    assert last == ("sudo", "apt-get", "install", "-y", "libpcap0.8")


def test_installed_packages_are_left_alone(debian: Sandbox) -> None:
    debian.program("git")
    last = commands(debian.declaration(), debian.build(), "dev")[-1]
    assert last == ("sudo", "apt-get", "install", "-y", "libpcap0.8")


def test_nothing_declared_starts_nothing(sandbox: Sandbox) -> None:
    sandbox.system("/usr/bin/apt-get")
    assert commands(sandbox.declaration(), sandbox.build(), "dev") == []


def test_a_failed_command_is_exit_code_2(debian: Sandbox) -> None:
    assert install(debian.declaration(), debian.build(), "dev", dry_run=False) == 2


def test_a_failed_command_ends_the_installation(
    debian: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    install(debian.declaration(), debian.build(), "dev", dry_run=False)
    assert capsys.readouterr().out == "sudo apt-get update\n"


def test_a_dry_run_starts_nothing(debian: Sandbox) -> None:
    assert install(debian.declaration(), debian.build(), "dev", dry_run=True) == 0
