"""The lines of pyproject.toml that the updater sets."""

import pytest

from hangar_devkit.update.managed import modernise, set_lines

TABLE = """\
# The wheel in tools/.
[tool.uv.sources.hangar-devkit]
path = "tools/hangar_devkit-2.0.0-py3-none-any.whl"
"""
OURS = """\
[tool.uv.sources.hangar-devkit]
path = "tools/hangar_devkit-1.0.0-py3-none-any.whl"

[tool.hangar]
template = "1.0.0"
shared = ["Dockerfile"]
"""
# What a project has before v0.2.0, and what it is to have.
OLD: dict[str, tuple[str, str]] = {
    "as the template has it": (
        (
            '[tool.uv.workspace]\nmembers = ["tools"]\n\n'
            "[tool.uv.sources]\nhangar-devkit = { workspace = true }\n\n[tool.x]\n"
        ),
        f"{TABLE}\n[tool.x]\n",
    ),
    "with a source of the user": (
        (
            '[tool.uv.workspace]\nmembers = ["tools"]\n\n'
            '[tool.uv.sources]\nhangar-devkit = { workspace = true }\nours = { path = "o" }\n'
        ),
        f'[tool.uv.sources]\nours = {{ path = "o" }}\n\n{TABLE}',
    ),
    "with a member of the user": (
        (
            '[tool.uv.workspace]\nmembers = ["tools", "libs/ours"]\n\n'
            "[tool.uv.sources]\nhangar-devkit = { workspace = true }\n"
        ),
        f'[tool.uv.workspace]\nmembers = ["libs/ours"]\n\n{TABLE}',
    ),
}


def test_the_path_is_set() -> None:
    assert 'path = "new.whl"' in set_lines(OURS, "new.whl", "2.0.0")


def test_the_version_is_set() -> None:
    assert 'template = "2.0.0"\nshared' in set_lines(OURS, "new.whl", "2.0.0")


def test_a_deleted_source_stays_deleted() -> None:
    assert "path" not in set_lines(OURS[OURS.index("[tool.hangar]") :], "new.whl", "2.0.0")


def test_a_version_that_is_not_stated_is_added() -> None:
    text = OURS.replace('template = "1.0.0"\n', "")
    assert '[tool.hangar]\ntemplate = "2.0.0"\n' in set_lines(text, "new.whl", "2.0.0")


@pytest.mark.parametrize("case", OLD)
def test_a_member_of_the_workspace_becomes_a_wheel(case: str) -> None:
    old, new = OLD[case]
    assert modernise(old, TABLE) == new


def test_a_source_of_its_own_is_left() -> None:
    text = '[tool.uv.sources]\nhangar-devkit = { path = "../devkit" }\n'
    assert modernise(text, TABLE) == text
