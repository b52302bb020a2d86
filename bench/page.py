"""Write what is made of the reports: the docs page, and the README's table."""

from bench.figures import ROOT
from hangar_devkit.docs import writing
from hangar_devkit.docs.registry import Page
from scripts.pages.bench import headlines

README = ROOT / "README.md"
PAGE = Page("docs/reference/bench.md", "scripts.pages.bench:page")
BEGIN, END = "<!-- figures: `nox -s bench -- page` writes them -->", "<!-- end of the figures -->"


def write() -> None:
    """Bring both in step with the reports."""
    writing.write(writing.stale(ROOT, [PAGE]))
    text = README.read_text(encoding="utf-8")
    README.write_text(with_table(text), encoding="utf-8")


def with_table(text: str) -> str:
    """Return the README with the table of now.

    Raises:
        ValueError: It has no place for it.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md: no lines '{BEGIN}' and '{END}'")
    return f"{before}{begin}\n{headlines(ROOT, 'docs/reference/bench.md')}\n{end}{after}"
