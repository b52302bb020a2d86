"""The generated page."""

import pytest

from hangar_devkit.preflight.catalogue import CHECKS
from hangar_devkit.preflight.pages import page

from .fakes import Sandbox

DECLARED = """\
[tool.preflight.libraries]
libpcap = { optional = true }
[tool.preflight.executables]
git = { minimum = "2.30", apt = "git", for = "dev" }
[tool.preflight.environment]
LEVEL = { type = "enum", values = ["debug", "info"] }
[tool.preflight.ports]
web = 8000
[tool.preflight.resources]
memory = "4 GB"
"""
ROWS = (
    (
        "| libpcap | library | by some tests | apt: `libpcap0.8`; dnf: `libpcap`; brew: `libpcap`; "
        "<https://npcap.com/#download> |"
    ),
    "| git | program | for development | 2.30 or later; apt: `git` |",
    "| `LEVEL` | variable | yes | enum: debug, info |",
    "| web | port | free | 8000 |",
    "| memory | resource | at least | 4 GB |",
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_a_section(sandbox: Sandbox, check: object) -> None:
    id, title = getattr(check, "id", ""), getattr(check, "title", "")
    assert f"### {id}: {title} {{#{id.lower()}}}" in page(str(sandbox.project))


@pytest.mark.parametrize("row", ROWS)
def test_what_is_declared_has_a_row(sandbox: Sandbox, row: str) -> None:
    sandbox.declare(DECLARED)
    assert row in page(str(sandbox.project)).splitlines()


def test_an_empty_declaration_is_stated(sandbox: Sandbox) -> None:
    assert "Nothing beyond Python and uv" in page(str(sandbox.project))
