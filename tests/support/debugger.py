"""Debug as an editor does: a client of the Debug Adapter Protocol, and debugpy's adapter.

VS Code starts the adapter with the interpreter of the project. The adapter asks the editor to run
the program in its terminal. In a container the editor's own server does both inside.
"""

import json
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import json5

_FOUND = find_spec("debugpy")
DEBUGPY = Path(str(_FOUND.origin)).parent if _FOUND else Path()

# The program of the example, and what a user picks when the editor asks for arguments.
PROGRAM = ("src/my_project/cli.py", "load = Load(")
ARGUMENTS = ["validate", "data/readings.csv"]


def configuration(project: Path) -> dict[str, Any]:
    """Return the configuration of a project's `launch.json`, with the arguments filled in."""
    text = (project / ".vscode" / "launch.json").read_text(encoding="utf-8")
    (found,) = json5.loads(text)["configurations"]
    assert found["args"] == "${command:pickArgs}", "the editor asks for the arguments"
    return {**found, "args": ARGUMENTS}


def line_with(source: Path, code: str) -> int:
    """Return the number of the first line that contains some code, below the imports."""
    lines = source.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if code in line and line.startswith(" "))


class Debugger:
    """One debugging session.

    Attributes:
        output: What the program printed, once it has ended.
    """

    def __init__(
        self, python: str, *, inside: Sequence[str] = (), package: str = str(DEBUGPY)
    ) -> None:
        """Start the adapter.

        Args:
            python: The interpreter of the project.
            inside: The command that runs another one where the project is, as in a container.
            package: Where debugpy is, there.
        """
        self._python, self._inside = python, list(inside)
        self._adapter = subprocess.Popen(
            [*self._inside, python, f"{package}/adapter"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._number = 0
        self._terminals: list[subprocess.Popen[str]] = []
        self.output = ""

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End adapter and program."""
        processes: list[subprocess.Popen[Any]] = [*self._terminals, self._adapter]
        for process in processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()

    def launch(
        self, configuration: dict[str, Any], workspace: Path, source: str, line: int
    ) -> None:
        """Start a configuration of `launch.json`, with one breakpoint.

        Args:
            configuration: The configuration, with its arguments filled in.
            workspace: The directory of the project.
            source: The file of the breakpoint, relative to it.
            line: Its line.
        """
        self._ask("initialize", adapterID="debugpy", supportsRunInTerminalRequest=True)
        self._until("response", "initialize")
        self._ask("launch", **configuration, python=[self._python], cwd=str(workspace))
        self._until("event", "initialized")
        place = {"path": str(workspace / source)}
        self._ask("setBreakpoints", source=place, breakpoints=[{"line": line}])
        self._ask("configurationDone")

    def stop(self) -> str:
        """Wait for the breakpoint, and return the name of the function that is stopped there."""
        event = self._until("event", "stopped")
        self._ask("stackTrace", threadId=event["body"]["threadId"])
        frames = self._until("response", "stackTrace")["body"]["stackFrames"]
        self._ask("continue", threadId=event["body"]["threadId"])
        return str(frames[0]["name"])

    def finish(self) -> int:
        """Wait for the end of the program, and return its exit code."""
        code = self._until("event", "exited")["body"]["exitCode"]
        for terminal in self._terminals:
            self.output += terminal.communicate()[0]
        return int(code)

    def _ask(self, command: str, **arguments: object) -> None:
        self._send(type="request", command=command, arguments=arguments)

    def _send(self, **message: object) -> None:
        assert self._adapter.stdin, "the adapter has no input"
        self._number += 1
        text = json.dumps({"seq": self._number, **message}).encode()
        self._adapter.stdin.write(b"Content-Length: %d\r\n\r\n" % len(text) + text)
        self._adapter.stdin.flush()

    def _until(self, category: str, name: str) -> dict[str, Any]:
        """Read messages up to one of a category and a name, and serve requests on the way."""
        while True:
            message = self._read()
            if message["type"] == "request":
                self._serve(message)
            elif message["type"] == "response" and not message["success"]:
                raise AssertionError(message)
            elif (message["type"], message.get("event") or message.get("command")) == (
                category,
                name,
            ):
                return message

    def _read(self) -> dict[str, Any]:
        assert self._adapter.stdout, "the adapter has no output"
        length = 0
        while line := self._adapter.stdout.readline().strip():
            length = int(line.partition(b": ")[2])
        text = self._adapter.stdout.read(length)
        if not text:
            raise AssertionError("the adapter has ended")
        return dict(json.loads(text))

    def _serve(self, request: dict[str, Any]) -> None:
        """Run the program in the editor's terminal."""
        asked = request["arguments"]
        variables = [f"{name}={value}" for name, value in (asked.get("env") or {}).items()]
        terminal = subprocess.Popen(
            [*self._inside, "env", "--chdir", asked["cwd"], *variables, *asked["args"]],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._terminals.append(terminal)
        self._send(
            type="response",
            request_seq=request["seq"],
            command=request["command"],
            success=True,
            body={"processId": terminal.pid},
        )
