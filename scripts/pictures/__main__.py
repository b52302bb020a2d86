"""Make every picture: a new project, its first `nox`, its reports, its docs in a browser.

Usage: python -m scripts.pictures
"""

import re
import subprocess
import tempfile
from pathlib import Path

from scripts.pictures.browser import photograph
from scripts.pictures.story import live_through
from scripts.pictures.terminal import THEMES, draw, record
from tests.support.render import by_api
from tests.support.template import snapshot

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
PLAIN = re.compile(r"\x1b\[[0-9;]*m")
INK = {"light": "#1c2430", "dark": "#e4e9f0"}
HANGAR = ["uv", "run", "--frozen", "--no-sync", "hangar"]
# What hardly any machine has: the report of the preflight is to show something.
PLACE = "# yours: one line each"
DECLARATION = """\
libraries.libusb = true
executables.ffmpeg = { apt = "ffmpeg", brew = "ffmpeg", winget = "Gyan.FFmpeg" }
environment.EXCHANGE_KEY = true
"""


def path_of(name: str, scheme: str) -> Path:
    """Return the file of a picture: `NAME.svg` is the light one, `NAME-dark.svg` the dark one."""
    stem, ending = name.split(".")
    return PICTURES / (name if scheme == "light" else f"{stem}-{scheme}.{ending}")


def summarize(output: str) -> str:
    """Remove the lines that do not interest a reader: commands, versions and headings."""
    noise = re.compile(
        r"nox > (?!.*(Running|Session|Ran|\* ))|^INFO|^ +reference|^- "
        r"|^(platform|rootdir|config|plug)"
    )
    lines = (line for line in output.split("\n") if line.strip())
    return "\n".join(line for line in lines if not noise.search(PLAIN.sub("", line)))


def heat_map(page: str) -> str:
    """Return the map of runs and tests in a page of the history, as a file of its own."""
    found = re.search(r"<figure>(<svg.+?</svg>)</figure>", page, re.DOTALL)
    if found is None:
        raise ValueError("the page of the history has no figure")
    drawing = re.sub(r"</?a\b[^>]*>", "", found[1])
    return drawing.replace("<svg ", '<svg color="INK" ', 1) + "\n"


def main() -> None:
    """Make a project, live through its first weeks and draw what it shows."""
    with tempfile.TemporaryDirectory() as directory:
        # With a wheel of the working tree, as in the tests.
        project = by_api(snapshot(Path(directory) / "template"), Path(directory), {})
        record(["nox", "-s", "setup"], project)
        first_day = summarize(record(["nox"], project, width=110))
        drawn = {"first-day.svg": ("nox", first_day, 110)}
        live_through(project)
        history = project / "history.html"
        subprocess.run([*HANGAR, "history", "pages", "--html", history], cwd=project, check=True)
        maps = heat_map(history.read_text(encoding="utf-8"))
        triage = record([*HANGAR, "triage"], project)
        drawn["triage.svg"] = ("uvx nox -s triage", triage, 80)
        pyproject = project / "pyproject.toml"
        declared = pyproject.read_text(encoding="utf-8").replace(PLACE, DECLARATION + PLACE)
        pyproject.write_text(declared, encoding="utf-8")
        preflight = record([*HANGAR, "preflight", "--scope=test"], project, codes=(1,))
        drawn["preflight.svg"] = ("uv run hangar preflight", preflight, 80)
        for scheme in THEMES:
            for name, (command, output, width) in drawn.items():
                picture = draw(command, output, scheme, title="my-project", width=width)
                path_of(name, scheme).write_text(picture, encoding="utf-8")
            path_of("history.svg", scheme).write_text(
                maps.replace("INK", INK[scheme]), encoding="utf-8"
            )
        pages = {scheme: path_of("docs.png", scheme) for scheme in THEMES}
        photograph(project / "site", "reference/contracts/", pages, (1000, 700))
    print(*sorted(path.name for path in PICTURES.glob("*.*")), sep="\n")


if __name__ == "__main__":
    main()
