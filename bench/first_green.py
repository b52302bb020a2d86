"""From the generate command to the project's own tests passing, uv's cache warm.

`nox -s bench -- first_green [PEER...]`: a peer is a directory or a URL of a Cookiecutter template
whose projects test themselves by `nox -s tests`.
"""

import sys
import tempfile
from pathlib import Path

from bench.clock import Cost, compare, measure

ROOT = Path(__file__).parents[1]
COMMIT = "git init -q && git add . && git -c user.name=a -c user.email=a@example.com commit -qm a"


def first_green(template: str) -> Cost:
    """Generate a project and test it; the repository that some need is made between, untold."""
    with tempfile.TemporaryDirectory() as place:
        cost = measure(["cookiecutter", template, "--no-input", "--output-dir", place], Path(place))
        (project,) = Path(place).iterdir()
        measure(["sh", "-c", COMMIT], project)
        return cost + measure(["nox", "-s", "tests"], project)


if __name__ == "__main__":
    compare(first_green, [str(ROOT), *sys.argv[1:]], runs=5)
