"""Draw what a command prints on a terminal."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME, TerminalTheme
from rich.text import Text

THEMES: dict[str, TerminalTheme] = {"light": DEFAULT_TERMINAL_THEME, "dark": SVG_EXPORT_THEME}


def record(
    command: list[str], directory: Path, *, width: int = 80, codes: tuple[int, ...] = (0,)
) -> str:
    """Run a command on a pseudo-terminal and return its output.

    Args:
        command: Program and arguments.
        directory: Where it runs.
        width: Columns of the terminal.
        codes: The exit codes that are expected.

    Returns:
        The output, colours included.

    Raises:
        SystemExit: The command ended with another code; the picture would be misleading.
    """
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    environment = {**os.environ, "COLUMNS": str(width), "FORCE_COLOR": "1"}
    output = b""
    with subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
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
    text = output.decode(errors="replace").replace("\r\n", "\n")
    if process.returncode not in codes:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{text}")
    return text


def draw(command: str, output: str, scheme: str, *, title: str, width: int) -> str:
    """Return a terminal with a command and its output, as SVG.

    Args:
        command: What the reader would type.
        output: What it printed, colours included.
        scheme: Light or dark.
        title: Title of the window.
        width: Columns of the terminal.
    """
    console = Console(record=True, width=width, file=io.StringIO())
    console.print(Text.assemble(("$ ", "bold green"), command))
    console.print(Text.from_ansi(output.rstrip()), "\n")  # the drawing cuts its last line
    # The same content always gets the same identifier.
    drawing = console.export_svg(title=title, theme=THEMES[scheme], unique_id="terminal")
    # Rich loads a web font; a picture must not make requests.
    drawing = re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL)
    # The frame of the window is white in each theme, and would not show on a light page.
    if scheme == "light":
        drawing = drawing.replace("rgba(255,255,255,0.35)", "rgba(0,0,0,0.25)")
    return "".join(f"{line.rstrip()}\n" for line in drawing.splitlines())
