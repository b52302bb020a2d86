"""Generated pages: which there are, when they are written, what they contain."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hangar_devkit.contracts.schema_reader import Field
from hangar_devkit.docs import cli, command_line, contracts, sessions
from hangar_devkit.docs.mark import MARK

PYPROJECT = """\
[project]
name = "tides"
version = "0.1.0"
[tool.hangar.pages]
"docs/own.md" = "tide_pages:own"
"""
NOXFILE = '''
import nox

nox.options.sessions = ["lint", "tests"]

def helper(session): ...

@nox.session
def lint(session: nox.Session) -> None:
    """Check every file.

    Give the name of one hook to run it alone.
    """

@nox.session(name="unit-tests", python=["3.11"])
def tests(session: nox.Session) -> None:
    """Run the tests."""
'''
COMMANDS = '''
from typing import Annotated

import typer

app = typer.Typer()

@app.callback()
def main() -> None:
    """Tides."""

@app.command()
def predict(
    port: Annotated[str, typer.Argument(help="Where | when.")],
    days: Annotated[int, typer.Option(help="How many.")] = 3,
    secret: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Say when the water is high."""

@app.command(hidden=True)
def debug() -> None:
    """Not for users."""
'''
SCHEMA = {
    "title": "Tide",
    "description": "High water.",
    "type": "object",
    "additionalProperties": False,
    "required": ["time", "port"],
    "properties": {
        "time": {"type": "string", "format": "date-time", "description": "When."},
        "port": {"$ref": "#/$defs/Port"},
        "height": {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]},
        "kind": {"enum": ["spring", "neap"], "default": "neap"},
        "marks": {"type": "array", "items": {"type": "number"}, "maxItems": 9},
    },
    "$defs": {"Port": {"type": "string", "pattern": "^a|b$", "description": "A harbour."}},
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a page of its own, in the present directory."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (tmp_path / "noxfile.py").write_text(NOXFILE, encoding="utf-8")
    (tmp_path / "tide_pages.py").write_text(
        'def own(root):\n    return (root / "own.txt").read_text() if (root / "own.txt").exists() '
        "else None\n",
        encoding="utf-8",
    )
    (tmp_path / "own.txt").write_text("# Own\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "tide_pages", raising=False)
    return tmp_path


def files(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*.md")}


def test_pages_are_written(project: Path) -> None:
    cli.main(["pages"])
    assert (project / "docs/reference/sessions.md").read_text(encoding="utf-8").startswith(MARK)


def test_own_page_is_written(project: Path) -> None:
    cli.main(["pages"])
    assert (project / "docs/own.md").read_text(encoding="utf-8") == f"{MARK}# Own\n"


def test_second_run_changes_nothing(project: Path) -> None:
    cli.main(["pages"])
    before = files(project)
    cli.main(["pages"])
    assert files(project) == before


def test_check_passes_after_a_run(project: Path) -> None:
    cli.main(["pages"])
    assert cli.main(["pages", "--check"]) == 0


def test_check_finds_an_edit(project: Path) -> None:
    cli.main(["pages"])
    with (project / "docs/own.md").open("a", encoding="utf-8") as page:
        page.write("An edit.\n")
    assert cli.main(["pages", "--check"]) == 1


def test_check_finds_a_changed_source(project: Path) -> None:
    cli.main(["pages"])
    (project / "own.txt").write_text("# New\n", encoding="utf-8")
    assert cli.main(["pages", "--check"]) == 1


def test_check_writes_nothing(project: Path) -> None:
    cli.main(["pages", "--check"])
    assert files(project) == {}


def test_hook_writes(project: Path) -> None:
    cli.main(["pages", "--hook"])
    assert (project / "docs/own.md").exists()


def test_hook_fails_once(project: Path) -> None:
    assert [cli.main(["pages", "--hook"]), cli.main(["pages", "--hook"])] == [1, 0]


def test_page_without_content_is_deleted(project: Path) -> None:
    cli.main(["pages"])
    (project / "own.txt").unlink()
    cli.main(["pages"])
    assert not (project / "docs/own.md").exists()


def test_page_of_the_user_is_never_deleted(project: Path) -> None:
    (project / "own.txt").unlink()
    (project / "docs").mkdir()
    (project / "docs/own.md").write_text("# Mine\n", encoding="utf-8")
    cli.main(["pages"])
    assert (project / "docs/own.md").read_text(encoding="utf-8") == "# Mine\n"


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("noxfile.py", b"def (", "not Python"),
        ("pyproject.toml", b"[", "pyproject.toml"),
        ("tide_pages.py", b"", "docs/own.md: tide_pages:own failed"),
        ("tide_pages.py", b"def own(root): 1 / 0", "ZeroDivisionError"),
        ("docs/own.md", b"\xff", "not UTF-8"),
    ],
)
def test_page_that_cannot_be_generated_is_named(
    project: Path, file: str, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "docs").mkdir()
    (project / file).write_bytes(content)
    cli.main(["pages"])
    assert message in capsys.readouterr().err


def test_failure_writes_nothing(project: Path) -> None:
    (project / "tide_pages.py").write_text("", encoding="utf-8")
    cli.main(["pages"])
    assert files(project) == {}


def test_outside_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["pages"]) == 2


def test_sessions_by_their_names(project: Path) -> None:
    text = str(sessions.page(project))
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## lint",
        "## unit-tests",
    ]


def test_sessions_with_whole_docstring(project: Path) -> None:
    assert "Give the name of one hook" in str(sessions.page(project))


def test_default_sessions(project: Path) -> None:
    assert "A bare `nox` runs `lint`, `tests`." in str(sessions.page(project))


def test_sessions_of_the_user(project: Path) -> None:
    (project / "nox_local.py").write_text("@session\ndef tidy(session):\n    'Tidy.'\n")
    assert "## tidy\n\nTidy." in str(sessions.page(project))


def test_no_noxfile_no_page(tmp_path: Path) -> None:
    assert sessions.page(tmp_path) is None


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page of a program whose entry point is a function that calls a Typer app."""
    (tmp_path / "pyproject.toml").write_text(
        '[project.scripts]\ntides = "tide_commands:run"\n', encoding="utf-8"
    )
    (tmp_path / "tide_commands.py").write_text(
        f"{COMMANDS}\n\ndef run() -> None:\n    app()\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "tide_commands", raising=False)
    return str(command_line.page(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "### `tides predict`",
        "Say when the water is high.",
        "tides predict [OPTIONS] PORT",
        "| `PORT` | Where \\| when. | required |",
        "| `--days DAYS` | How many. | `3` |",
    ],
)
def test_command_is_described(commands: str, text: str) -> None:
    assert text in commands


@pytest.mark.parametrize("text", ["secret", "debug", "completion"])
def test_hidden_is_not_described(commands: str, text: str) -> None:
    assert text not in commands


CONTRACTS = """
from typing import Annotated

from pydantic import AfterValidator, BaseModel


def refuse(value: int) -> int:
    raise KeyError(value)


class Never(BaseModel):
    x: Annotated[int, AfterValidator(refuse)]


class Port(BaseModel):
    depth: float
"""


def test_contract_without_an_example_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tide_contracts.py").write_text(CONTRACTS, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.hangar]\ncontracts = "tide_contracts"\n', encoding="utf-8"
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "tide_contracts", raising=False)
    examples = contracts._examples(tmp_path)
    assert {name: text.split(":")[0] for name, text in examples.items()} == {
        "Never": "There is no example",
        "Port": "For example",
    }


@pytest.mark.parametrize(
    ("schema", "type_", "rules"),
    [
        (
            {"anyOf": [{}], "x-rules": {"type": "decimal", "max_digits": 9, "gt": "0"}},
            "decimal",
            "> 0; at most 9 digits",
        ),
        (
            {"type": "array", "items": {"type": "integer", "minimum": 1}},
            "list of integer",
            "each item: ≥ 1",
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "mapping to string", ""),
        ({"x-array": {"shape": ["n", "3"], "dtypes": ["float32"]}}, "array (n, 3) of float32", ""),
        ({"type": "integer", "x-validators": ["after is_even"]}, "integer", "checked by `is_even`"),
        ({"type": "array", "prefixItems": [{"type": "integer"}]}, "[integer]", ""),
        (
            {"type": "string", "pattern": "^(a|b)$"},
            "string",
            "matches <code>&#94;&#40;a&#124;b&#41;&#36;",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_rule_beyond_json_schema_is_described(schema: Any, type_: str, rules: str) -> None:
    record = Field({"type": "object", "properties": {"x": schema}})
    assert f"| `x` | {type_} | {rules}" in contracts._fields(record)


def test_check_of_a_record_is_described() -> None:
    record = Field({"type": "object", "x-validators": ["after Tide.low_is_below_high"]})
    assert "A record is checked by `Tide.low_is_below_high`." in contracts._fields(record)


@pytest.fixture
def contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page of one contract, without an example."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/tide.schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    monkeypatch.setattr(contracts, "_examples", lambda root: {"Tide": "No example.\n"})
    return contracts.page(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "## Tide\n\nHigh water.",
        "| `time` | string (date-time) |  | When. |",
        "| `port` | Port |  |  |",
        "| `height` | number or null | > 0; optional |  |",
        '| `kind` | `"spring"` or `"neap"` | default `"neap"` |  |',
        "| `marks` | list of number | at most 9 items; optional |  |",
        "A field that is not listed is refused.",
        "### Port\n\nA harbour.",
        "No example.",
    ],
)
def test_contract_is_described(contract: str, text: str) -> None:
    assert text in contract


def test_no_line_ends_with_a_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "_examples", lambda root: {})
    definitions = {"Tide": {"enum": ["spring", "neap"], "type": "string"}}
    schema = {
        "title": "Day",
        "$defs": definitions,
        "properties": {"tide": {"$ref": "#/$defs/Tide"}},
    }
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/day.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    page = contracts.page(tmp_path)
    assert [line for line in page.splitlines() if line.endswith(" ")] == []


def test_no_contract_yet(tmp_path: Path) -> None:
    assert "There is none yet." in contracts.page(tmp_path)


def test_pages_need_no_dependency(project: Path) -> None:
    """The pages of a project without contracts and commands need only the standard library."""
    tools = Path(cli.__file__).parents[2]
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from hangar_devkit.docs.cli import main; sys.exit(main(['pages', '--hook']))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(tools)],
        cwd=project,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stderr == "hangar docs: add the written pages to the commit\n"


@pytest.fixture
def handwritten(project: Path) -> Path:
    """A page that somebody wrote, at the path of a generated one."""
    page = project / "docs/own.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text("# By hand\n", encoding="utf-8")
    return page


def test_page_written_by_hand_is_not_replaced(handwritten: Path) -> None:
    cli.main(["pages"])
    assert handwritten.read_text(encoding="utf-8") == "# By hand\n"


@pytest.mark.usefixtures("handwritten")
def test_page_written_by_hand_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["pages"])
    assert "docs/own.md: written by hand" in capsys.readouterr().err


@pytest.mark.usefixtures("handwritten")
def test_page_written_by_hand_is_exit_code_2() -> None:
    assert cli.main(["pages"]) == 2
