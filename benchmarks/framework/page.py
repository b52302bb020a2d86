"""Write the reports up: the docs page, and the README's table."""

from benchmarks.framework.figures import ROOT
from docs.made.bench import headlines
from hangar_devkit.docs import writing
from hangar_devkit.docs.registry import Page

README = ROOT / "README.md"
PAGE = Page("docs/reference/bench.md", "docs.made.bench:page")
BEGIN, END = "<!-- figures: `nox -s bench -- page` writes them -->", "<!-- end of the figures -->"


def write() -> None:
    """Bring both up to date with the reports."""
    writing.write(writing.stale(ROOT, [PAGE]))
    text = README.read_text(encoding="utf-8")
    README.write_text(with_table(text), encoding="utf-8")


def with_table(text: str) -> str:
    """Return the README with the current table.

    Raises:
        ValueError: The lines that enclose the table are missing.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md: missing lines '{BEGIN}' and '{END}'")
    return f"{before}{begin}\n{headlines(ROOT, 'docs/reference/bench.md')}\n{end}{after}"
