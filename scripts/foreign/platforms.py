"""Dependency groups on each platform: what `uv sync` would install from one lock."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.support.render import by_api
from tests.support.template import snapshot

# Names as uv has them. The macOS that uv assumes is older than what PyTorch's wheels need.
PLATFORMS = {
    "Linux x86-64": "x86_64-unknown-linux-gnu",
    "Linux arm64": "aarch64-unknown-linux-gnu",
    "macOS 14 arm64": "aarch64-apple-darwin",
    "Windows x86-64": "x86_64-pc-windows-msvc",
}
MACOS = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}
# What a session, an image or the README installs. The last four are of the training pipeline.
SELECTIONS = {
    "program": ("--no-dev",),
    "group test": ("--no-default-groups", "--group=test"),
    "group dev": ("--no-default-groups", "--group=dev"),
    "group docs-next": ("--no-default-groups", "--group=docs-next"),
    "extra dask": ("--no-dev", "--extra=dask"),
    "extra torch": ("--no-dev", "--extra=torch"),
    "group mlflow": ("--only-group=mlflow",),
}
PAGE = Path("docs/reference/foreign/platforms.md")
HEAD = """\
# Dependencies on each platform

`nox -s foreign -- platforms` writes this page. It locks a project with the training pipeline once,
and asks uv what it would install from that lock on each platform, from wheels alone. The figures
are packages for Python 3.11. Nothing of another platform was run here: CI of a project runs its
tests on Linux, macOS and Windows.

Two commit hooks have no wheel for one platform each, and are skipped there with the reason:
hadolint on Windows, shellcheck on Linux arm64.
"""


def main(arguments: Sequence[str]) -> int:  # noqa: ARG001 - every subject gets its options
    """Write the page; return 0 if everything installs everywhere."""
    with tempfile.TemporaryDirectory() as name:
        project = lock(Path(name))
        rows = {
            selection: [planned(project, selection, platform) for platform in PLATFORMS]
            for selection in SELECTIONS
        }
    lines = [f"| What | {' | '.join(PLATFORMS)} |", f"| --- |{' --- |' * len(PLATFORMS)}"]
    lines += [f"| {selection} | {' | '.join(cells)} |" for selection, cells in rows.items()]
    PAGE.write_text(HEAD + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return int(any(not cell.isdigit() for cells in rows.values() for cell in cells))


def lock(directory: Path) -> Path:
    """Render a project with the training pipeline, and lock it."""
    template = directory / "template"
    template.mkdir()
    project = by_api(snapshot(template), directory, {"ml_pipeline": True})
    subprocess.run(["uv", "lock", "--quiet"], cwd=project, check=True)
    return project


def planned(project: Path, selection: str, platform: str) -> str:
    """Return how many packages uv would install, or why it cannot.

    Args:
        project: A locked project.
        selection: A key of `SELECTIONS`.
        platform: A key of `PLATFORMS`.
    """
    plan = ("uv", "sync", "--frozen", "--dry-run", "--no-build", "--no-install-project")
    done = subprocess.run(
        [*plan, f"--python-platform={PLATFORMS[platform]}", *SELECTIONS[selection]],
        cwd=project,
        env=os.environ | MACOS,
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stderr.splitlines():
        if line.startswith("error:"):
            return line.replace("|", "/")
        if line.startswith("Would install "):
            return line.split()[2]
    return "nothing to install"
