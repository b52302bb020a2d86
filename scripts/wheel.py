"""Build hangar-devkit's wheel into the template, so that the same sources give the same bytes.

Usage: nox -s wheel            build it, and write its version wherever a version is written
       nox -s wheel -- --check fail if the wheel in git is not what the sources give
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = "{{=cookiecutter.__project}}"
TOOLS = f"{PROJECT}/tools"
WHEELS = "hangar_devkit-*.whl"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 1 when the wheel in git is out of date."""
    parser = argparse.ArgumentParser(prog="nox -s wheel --", description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    if not parser.parse_args(arguments).check:
        print(install(ROOT).relative_to(ROOT))
        return 0
    problems = differences(ROOT)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print("Run: nox -s wheel", file=sys.stderr)
    return 1 if problems else 0


def version(root: Path) -> str:
    """Return the one version of template and wheel, which `devkit/pyproject.toml` states."""
    text = (root / "devkit" / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def build(root: Path, into: Path) -> Path:
    """Build the wheel from the sources of a checkout.

    Times, owners and directories do not reach the bytes; file modes do, so they are set first.

    Raises:
        subprocess.CalledProcessError: uv could not build it; uv has printed why.
    """
    with tempfile.TemporaryDirectory() as temporary:
        sources = Path(temporary) / "devkit"
        ignored = shutil.ignore_patterns("__pycache__", "tests", ".*")
        shutil.copytree(root / "devkit", sources, ignore=ignored)
        # The wheel holds what `hangar unpack` needs to write a tree that can be built.
        shutil.copyfile(sources / "pyproject.toml", sources / "src/hangar_devkit/pyproject.toml")
        for path in sources.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        command = ["uv", "build", "--quiet", "--wheel", "--force-pep517", "--no-config"]
        environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        subprocess.run([*command, f"--out-dir={into}", str(sources)], check=True, env=environment)
    (wheel,) = into.glob(WHEELS)
    return wheel


def install(root: Path) -> Path:
    """Build the wheel into the template of a checkout, in place of any other, and name it there."""
    with tempfile.TemporaryDirectory() as temporary:
        wheel = build(root, Path(temporary))
        for old in (root / TOOLS).glob(WHEELS):
            old.unlink()
        target = root / TOOLS / wheel.name
        shutil.copyfile(wheel, target)
    for path, text in _named(root).items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return target


def differences(root: Path) -> list[str]:
    """List what keeps the template of a checkout from carrying the wheel of its sources."""
    wrong = [
        f"{path.relative_to(root).as_posix()}: does not name version {version(root)}"
        for path, text in _named(root).items()
        if path.read_text(encoding="utf-8") != text
    ]
    found = sorted((root / TOOLS).glob(WHEELS))
    with tempfile.TemporaryDirectory() as temporary:
        wheel = build(root, Path(temporary))
        if [path.name for path in found] != [wheel.name]:
            names = ", ".join(path.name for path in found) or "no wheel"
            wrong.append(f"{TOOLS}: expected {wheel.name}, found {names}")
        elif found[0].read_bytes() != wheel.read_bytes():
            wrong.append(f"{TOOLS}/{wheel.name}: its bytes are not those of the sources")
    return wrong


def _named(root: Path) -> dict[Path, str]:
    """Return the files that name the version, as they should be."""
    new = version(root)
    manifest, own = root / PROJECT / "pyproject.toml", root / "pyproject.toml"
    texts = {path: path.read_text(encoding="utf-8") for path in (manifest, own)}
    for pattern, line in (
        (
            r'^path = "tools/hangar_devkit-.*"$',
            f'path = "tools/hangar_devkit-{new}-py3-none-any.whl"',
        ),
        (r'^template = ".*"$', f'template = "{new}"'),
    ):
        texts[manifest] = re.sub(pattern, line, texts[manifest], count=1, flags=re.MULTILINE)
    texts[own] = re.sub(
        r'^version = ".*"$', f'version = "{new}"', texts[own], count=1, flags=re.MULTILINE
    )
    return texts


if __name__ == "__main__":
    sys.exit(main())
