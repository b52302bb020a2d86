"""Docs: a build, compared with plain MkDocs with mkdocstrings on the same 39 pages.

Same theme, same options, interleaved.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.framework.figures import OURS, ROOT, Figure, Options
from benchmarks.framework.projects import generate
from benchmarks.framework.timing import Cost, compare_costs, interleave, measure

ROUNDS = 4
PAGES = 39
PLAIN = "plain MkDocs with mkdocstrings"
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


def figures(options: Options) -> list[Figure]:
    """Build both sites, interleaved; compare the costs and count the pages."""
    with tempfile.TemporaryDirectory() as name:
        ours = our_site(Path(name))
        sites = {OURS: (ours, "properdocs"), PLAIN: (plain_site(ours), "mkdocs")}
        candidates = {label: lambda site=site: build(*site) for label, site in sites.items()}
        costs = interleave(candidates, options.rounds or ROUNDS)
        pages = {
            label: len(list((root / "site").rglob("index.html")))
            for label, (root, _) in sites.items()
        }
    return [
        *compare_costs("build of the docs", costs, {PLAIN: 1.0}),
        *(Figure("pages", count, of=label) for label, count in pages.items()),
    ]


def our_site(directory: Path) -> Path:
    """Make a project whose site has 39 pages and whose generated docs are up to date."""
    root = generate(directory)
    # Without the guide, which plain MkDocs lacks, and the page that links to it.
    (root / "docs/development.md").unlink()
    settings = root / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("- hangar:\n", "- hangar:\n      guide: false\n"), encoding="utf-8"
    )
    (root / "docs/index.md").write_text("# Home\n\nOne page.\n", encoding="utf-8")
    shutil.rmtree(root / "contracts", ignore_errors=True)
    measure([sys.executable, "-m", "hangar_devkit", "docs", "pages"], root, environ(root))
    package = root / "src/my_project"
    present = len(list((root / "docs").rglob("*.md"))) + len(modules(root))
    (package / "parts").mkdir()
    (package / "parts/__init__.py").write_text('"""Parts."""\n', encoding="utf-8")
    for n in range(PAGES - present - 1):
        (package / f"parts/part_{n}.py").write_text(MODULE.format(n=n), encoding="utf-8")
    return root


def modules(root: Path) -> list[Path]:
    """List the modules that get a page: all but `__main__`."""
    return [path for path in (root / "src").rglob("*.py") if path.name != "__main__.py"]


def plain_site(root: Path) -> Path:
    """Write the same site for plain MkDocs: a page for each module, without our plugin."""
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
    config["plugins"] = [p for p in config["plugins"] if not {"api-autonav", "hangar"} & set(p)]
    (other / "mkdocs.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return other


def environ(root: Path) -> dict[str, str]:
    """Return the environment variables with which a documentation build finds the sources."""
    return {
        "NO_MKDOCS_2_WARNING": "1",  # its banner is not measured
        "DISABLE_MKDOCS_2_WARNING": "true",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "devkit" / "src"), str(root / "src")]),
    }


def build(root: Path, engine: str) -> Cost:
    """Build a site, strictly."""
    command = [sys.executable, "-m", engine, "build", "--strict", "-q", "-f", "mkdocs.yml"]
    return measure(command, root, environ(root))
