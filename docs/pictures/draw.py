"""Draw the README's picture from a real run: generate a project, set it up, run `nox`."""

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from cookiecutter.main import cookiecutter
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
PICTURE = Path(__file__).with_name("first-day.svg")
WIDTH = 110
PLAIN = re.compile(r"\x1b\[[0-9;]*m")


def record(command: list[str], directory: Path) -> str:
    """Run a command on a terminal and return what it showed.

    Args:
        command: Program and arguments.
        directory: Where it runs.

    Returns:
        The output, with its colours.

    Raises:
        SystemExit: The command failed; a picture of that would mislead.
    """
    controller, terminal = pty.openpty()
    shown = b""
    with subprocess.Popen(
        command, cwd=directory, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        while True:
            try:
                part = os.read(controller, 4096)
            except OSError:  # Linux says so when the other end has closed
                break
            if not part:
                break
            shown += part
    os.close(controller)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{shown.decode(errors='replace')}")
    return shown.decode(errors="replace").replace("\r\n", "\n")


def told(output: str) -> str:
    """Keep what a reader looks for: what each session says, not how it is called."""
    said = re.compile(
        r"nox > (?!.*(Running|Session|Ran|\* ))|^INFO|^ +reference|^- "
        r"|^(platform|rootdir|config|plug)"
    )
    lines = (line for line in output.split("\n") if line.strip())
    return "\n".join(line for line in lines if not said.search(PLAIN.sub("", line)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        project = cookiecutter(str(ROOT), no_input=True, output_dir=directory)
        record(["nox", "-s", "setup"], Path(project))
        output = record(["nox"], Path(project))
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.assemble(("$ ", "bold green"), "nox"))
    console.print(Text.from_ansi(told(output)))
    drawing = console.export_svg(title="my-project")
    # Rich asks a font service for its letters; a picture asks nobody.
    drawing = re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL)
    tidy = "".join(f"{line.rstrip()}\n" for line in drawing.splitlines())
    PICTURE.write_text(tidy, encoding="utf-8")
