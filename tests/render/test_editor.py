"""What VS Code reads is valid, and starts what exists.

The schemas follow code.visualstudio.com/docs: reference/tasks-appendix, python/debugging and
python/settings-reference; the editor ships its own only inside itself. Settings of an extension
are those of its package.json.
"""

import re
from pathlib import Path
from typing import Any

import json5
import jsonschema
import pytest

from tests.conftest import Render

TEXT = {"type": "string", "minLength": 1}
TASK = {
    "type": "object",
    "additionalProperties": False,
    # Without a type some systems take the whole command for the name of a program.
    "required": ["label", "type", "command", "problemMatcher"],
    "properties": {
        "label": TEXT,
        "type": {"enum": ["shell", "process"]},
        "command": TEXT,
        "args": {"type": "array", "items": TEXT},
        "isBackground": {"type": "boolean"},
        "problemMatcher": {"type": ["string", "array", "object"]},
        "group": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"kind": {"enum": ["build", "test"]}, "isDefault": {"type": "boolean"}},
        },
    },
}
TASKS = {
    "type": "object",
    "additionalProperties": False,  # a matcher beside `tasks` is not allowed
    "required": ["version", "tasks"],
    "properties": {"version": {"const": "2.0.0"}, "tasks": {"type": "array", "items": TASK}},
}
CONFIGURATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "type", "request", "module"],
    "properties": {
        "name": TEXT,
        "type": {"const": "debugpy"},
        "request": {"enum": ["launch", "attach"]},
        "module": TEXT,
        "args": {"anyOf": [{"const": "${command:pickArgs}"}, {"type": "array", "items": TEXT}]},
        "console": {"enum": ["internalConsole", "integratedTerminal", "externalTerminal"]},
        "justMyCode": {"type": "boolean"},
    },
}
LAUNCH = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "configurations"],
    "properties": {
        "version": {"const": "0.2.0"},
        "configurations": {"type": "array", "items": CONFIGURATION},
    },
}
SWITCH = {"type": "boolean"}
IMPORT_STRATEGY = {"enum": ["useBundled", "fromEnvironment"]}
SETTINGS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "editor.formatOnSave": SWITCH,
        "files.insertFinalNewline": SWITCH,
        "files.trimTrailingWhitespace": SWITCH,
        "mypy-type-checker.importStrategy": IMPORT_STRATEGY,
        "python.defaultInterpreterPath": TEXT,
        "python.testing.pytestEnabled": SWITCH,
        "python.testing.unittestEnabled": SWITCH,
        "ruff.importStrategy": IMPORT_STRATEGY,
        "[python]": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "editor.defaultFormatter": TEXT,
                "editor.codeActionsOnSave": {
                    "additionalProperties": {"enum": ["explicit", "always", "never"]}
                },
            },
        },
    },
}
SESSION = re.compile(r"^uv run nox(?: -s (\w+)(?: -- .+)?)?$")


@pytest.fixture(scope="module")
def editor(render: Render) -> Path:
    """The settings of a project whose names need care."""
    return render({"project_name": 'Über "Tide"', "project_slug": "tide-gauge"}) / ".vscode"


def read(path: Path) -> dict[str, Any]:
    return dict(json5.loads(path.read_text(encoding="utf-8")))


def test_tasks_are_valid(editor: Path) -> None:
    jsonschema.validate(read(editor / "tasks.json"), TASKS)


def test_launch_is_valid(editor: Path) -> None:
    jsonschema.validate(read(editor / "launch.json"), LAUNCH)


def test_settings_are_valid(editor: Path) -> None:
    jsonschema.validate(read(editor / "settings.json"), SETTINGS)


def test_settings_of_the_container_are_valid(editor: Path) -> None:
    container = read(editor.parent / ".devcontainer" / "devcontainer.json")
    jsonschema.validate(container["customizations"]["vscode"]["settings"], SETTINGS)


@pytest.mark.parametrize("extension", ["charliermarsh.ruff", "ms-python.mypy-type-checker"])
def test_extension_that_a_setting_names_is_recommended(editor: Path, extension: str) -> None:
    assert extension in read(editor / "extensions.json")["recommendations"]


def test_tasks_start_sessions(editor: Path) -> None:
    noxfile = (editor.parent / "noxfile.py").read_text(encoding="utf-8")
    commands = [SESSION.match(task["command"]) for task in read(editor / "tasks.json")["tasks"]]
    named = [found[1] if found else "no session" for found in commands]
    assert [name for name in named if name and f"\ndef {name}(session" not in noxfile] == []


def test_debugger_starts_the_package(editor: Path) -> None:
    (configuration,) = read(editor / "launch.json")["configurations"]
    assert (editor.parent / "src" / configuration["module"] / "__main__.py").exists()


def test_one_task_of_each_group_is_the_default(editor: Path) -> None:
    groups = [task["group"] for task in read(editor / "tasks.json")["tasks"] if "group" in task]
    assert groups == [{"kind": "build", "isDefault": True}, {"kind": "test", "isDefault": True}]


def test_debugger_comes_with_an_extension(editor: Path) -> None:
    """The extension for Python installs the one for the debugger."""
    assert "ms-python.python" in read(editor / "extensions.json")["recommendations"]


def test_test_explorer_uses_pytest(editor: Path) -> None:
    assert read(editor / "settings.json")["python.testing.pytestEnabled"] is True
