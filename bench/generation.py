"""What it takes to render a project, hooks included, beside other templates.

`nox -s bench -- generation [PEER...]`: a peer is a directory or a URL of a Cookiecutter template.
Every template is rendered with its own defaults.
"""

import sys
import tempfile
from pathlib import Path

from bench.clock import Cost, compare, measure

ROOT = Path(__file__).parents[1]


def render(template: str) -> Cost:
    """Render once, by the command line."""
    with tempfile.TemporaryDirectory() as place:
        return measure(["cookiecutter", template, "--no-input", "--output-dir", place], Path(place))


if __name__ == "__main__":
    compare(render, [str(ROOT), *sys.argv[1:]], runs=9)
