"""An editor's debugger stops in the program and in a test, by what `.vscode/` says."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.debugger import PROGRAM, Debugger, configuration, line_with

pytestmark = pytest.mark.slow

TEST = ("tests/test_utils.py", "floor_time(")


class Session(NamedTuple):
    """Where a program stopped, how it ended and what it printed."""

    stopped_in: str
    code: int
    output: str


def python(project: Path) -> str:
    """Return the interpreter that the editor finds in the project."""
    return str(project / ".venv" / "bin" / "python")


@pytest.fixture(scope="module")
def debugged(ready: Path) -> Session:
    """The configuration of the project, with a breakpoint in the command."""
    source, code = PROGRAM
    with Debugger(python(ready)) as debugger:
        debugger.launch(configuration(ready), ready, source, line_with(ready / source, code))
        return Session(debugger.stop(), debugger.finish(), debugger.output)


def test_run_and_debug_stops_in_the_program(debugged: Session) -> None:
    assert debugged.stopped_in == "validate"


def test_program_goes_on_after_the_breakpoint(debugged: Session) -> None:
    assert debugged.code == 0


def test_terminal_of_the_editor_shows_the_output(debugged: Session) -> None:
    assert "288 rows: 288 valid" in debugged.output


def test_debug_test_stops_in_the_test(ready: Path) -> None:
    """The Testing view needs no configuration: it starts pytest under the debugger."""
    source, code = TEST
    chosen: dict[str, Any] = {"type": "debugpy", "request": "launch", "module": "pytest"}
    chosen |= {"args": [f"--rootdir={ready}", source], "console": "internalConsole"}
    with Debugger(python(ready)) as debugger:
        debugger.launch(chosen, ready, source, line_with(ready / source, code))
        assert debugger.stop().startswith("test_")
