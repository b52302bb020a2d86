"""Draw the README's picture of a first `nox`, from a real run in a new project.

Usage: python -m scripts.pictures.first_day
"""

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
PICTURE = ROOT / "docs" / "pictures" / "first-day.svg"
WIDTH = 110
PLAIN = re.compile(r"\x1b\[[0-9;]*m")


def record(command: list[str], directory: Path) -> str:
    """Run a command on a pseudo-terminal and return its output.

    Args:
        command: Program and arguments.
        directory: Where it runs.

    Returns:
        The output, colours included.

    Raises:
        SystemExit: The command failed; the picture would be misleading.
    """
    controller, terminal = pty.openpty()
    output = b""
    with subprocess.Popen(
        command, cwd=directory, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        while True:
            try:
                part = os.read(controller, 4096)
            except OSError:  # how Linux reports that the other end is closed
                break
            if not part:
                break
            output += part
    os.close(controller)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{output.decode(errors='replace')}")
    return output.decode(errors="replace").replace("\r\n", "\n")


def summarize(output: str) -> str:
    """Remove the lines that do not interest a reader: commands, versions and headings."""
    noise = re.compile(
        r"nox > (?!.*(Running|Session|Ran|\* ))|^INFO|^ +reference|^- "
        r"|^(platform|rootdir|config|plug)"
    )
    lines = (line for line in output.split("\n") if line.strip())
    return "\n".join(line for line in lines if not noise.search(PLAIN.sub("", line)))


def main() -> None:
    """Make a project, run `nox` in it and draw the output."""
    with tempfile.TemporaryDirectory() as directory:
        project = cookiecutter(str(ROOT), no_input=True, output_dir=directory)
        record(["nox", "-s", "setup"], Path(project))
        output = record(["nox"], Path(project))
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.assemble(("$ ", "bold green"), "nox"))
    console.print(Text.from_ansi(summarize(output)))
    drawing = console.export_svg(title="my-project")
    # Rich loads a web font; a picture must not make requests.
    drawing = re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL)
    tidy = "".join(f"{line.rstrip()}\n" for line in drawing.splitlines())
    PICTURE.write_text(tidy, encoding="utf-8")


if __name__ == "__main__":
    main()
