"""How long the docs take to build, beside plain MkDocs with mkdocstrings on the same pages.

Both build the same 39 pages, with the same theme and options, in turn, in one run. Run it with the
interpreter of an environment that has the tools: `python bench/docs/build.py`. CPU time is what
counts; wall time depends on what else the machine does.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml
from cookiecutter.main import cookiecutter

ROOT = Path(__file__).parents[2]
PAGES = 39
ROUNDS = 5
MODULE = '''"""Module {n}: what it is for, in a line."""


class Part{n}:
    """A part with a few methods.

    Attributes:
        name: What it is called.
        size: How large it is.
    """

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size

    def grow(self, by: int = 1) -> int:
        """Make it larger.

        Args:
            by: How much.

        Returns:
            The new size.

        Raises:
            ValueError: It would shrink.
        """
        if by < 0:
            raise ValueError(by)
        self.size += by
        return self.size


def merge{n}(one: Part{n}, other: Part{n}) -> Part{n}:
    """Make one part of two.

    Args:
        one: The first.
        other: The second.

    Returns:
        A part of both sizes.
    """
    return Part{n}(one.name + other.name, one.size + other.size)
'''


@dataclass(frozen=True)
class Cost:
    """What one build took, in seconds."""

    cpu: float
    wall: float


def project(place: Path) -> Path:
    """Make a project whose site has 39 pages; its made pages are in step."""
    settings = place / "settings.yaml"
    settings.write_text("{}\n", encoding="utf-8")
    made = cookiecutter(str(ROOT), no_input=True, output_dir=str(place), config_file=str(settings))
    root = Path(made)
    for path in sorted((root / "docs/decisions").glob("0*.md"))[3:]:
        path.unlink()
    for path in (root / "docs/environment").glob("*.md"):
        path.unlink()
    (root / "docs/index.md").write_text("# Home\n\nOne page.\n", encoding="utf-8")
    shutil.rmtree(root / "contracts", ignore_errors=True)
    run(root, sys.executable, "-m", "devkit.docs.cli")
    package = root / "src/my_project"
    present = len(list((root / "docs").rglob("*.md"))) + len(modules(root))
    (package / "parts").mkdir()
    (package / "parts/__init__.py").write_text('"""Parts."""\n', encoding="utf-8")
    for n in range(PAGES - present - 1):
        (package / f"parts/part_{n}.py").write_text(MODULE.format(n=n), encoding="utf-8")
    return root


def modules(root: Path) -> list[Path]:
    """List the modules that get a page: all but the private ones."""
    return [path for path in (root / "src").rglob("*.py") if path.name != "__main__.py"]


def plain(root: Path) -> Path:
    """Write the same site as plain MkDocs has it: a page for each module, no plugin of ours."""
    other = root.with_name("plain")
    shutil.copytree(root / "docs", other / "docs")
    shutil.copytree(root / "src", other / "src")
    for source in modules(root):
        parts = source.relative_to(root / "src").with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        page = other / "docs/reference" / Path(*parts).with_suffix(".md")
        if parts[-1] == "__init__":
            page = page.with_name("index.md")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"---\ntitle: {name}\n---\n\n::: {name}\n", encoding="utf-8")
    config = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))
    for key in ("extra_css", "hooks"):
        del config[key]
    del config["theme"]["custom_dir"]
    config["plugins"] = [p for p in config["plugins"] if "api-autonav" not in p]
    config["markdown_extensions"].remove("devkit.docs.diagrams")
    (other / "mkdocs.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return other


def run(root: Path, *command: str) -> Cost:
    """Run a command that must succeed, and measure it with all that it starts."""
    path = os.pathsep.join([str(ROOT / "tools"), str(root / "src")])
    settings = {
        "NO_MKDOCS_2_WARNING": "1",  # its banner is not what is measured
        "DISABLE_MKDOCS_2_WARNING": "true",
        "PYTHONDONTWRITEBYTECODE": "",  # modules are compiled once, as on any machine
        "PYTHONPATH": path,
    }
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        command,
        cwd=root,
        env={**os.environ, **settings},
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.perf_counter() - start)


def main() -> None:
    """Print the medians of both, and their ratio, as JSON."""
    with tempfile.TemporaryDirectory() as name:
        ours = project(Path(name))
        theirs = plain(ours)
        commands = {
            "ours": (ours, "properdocs"),
            "mkdocs": (theirs, "mkdocs"),
        }
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for which, (root, engine) in commands.items():
                build = (sys.executable, "-m", engine, "build", "--strict", "-q")
                costs[which].append(run(root, *build, "-f", "mkdocs.yml"))
        pages = {
            which: len(list((root / "site").rglob("index.html")))
            for which, (root, _) in commands.items()
        }
    cpu = {which: statistics.median(cost.cpu for cost in found) for which, found in costs.items()}
    wall = {which: statistics.median(cost.wall for cost in found) for which, found in costs.items()}
    ratio = {"cpu": cpu["ours"] / cpu["mkdocs"], "wall": wall["ours"] / wall["mkdocs"]}
    print(json.dumps({"pages": pages, "cpu_s": cpu, "wall_s": wall, "ratio": ratio}, indent=2))


if __name__ == "__main__":
    main()
