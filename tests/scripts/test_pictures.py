"""The pictures of README and site: complete, shown, and of the project as it is."""

import html
import re
from pathlib import Path

import pytest
import yaml

from scripts.pictures.__main__ import PICTURES, path_of
from scripts.pictures.story import STORY
from tests.support.template import ROOT, SOURCE, source

SHOWN = re.compile(r"!\[(.*?)\]\((?:docs/)?pictures/([^)#/]+)(#only-\w+)?\)", re.DOTALL)
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
NAMES = sorted({path.name.replace("-dark", "") for path in PICTURES.glob("*.*")})


def shown() -> list[tuple[str, str, str]]:
    """List the pictures on pages: the text for those who do not see it, the file, the scheme."""
    found = [match for page in PAGES for match in SHOWN.findall(page.read_text(encoding="utf-8"))]
    return [(str(text), str(name), str(scheme)) for text, name, scheme in found]


def text_of(name: str) -> str:
    """Return the text in a drawing of a terminal."""
    drawing = (PICTURES / name).read_text(encoding="utf-8")
    return html.unescape("\n".join(re.findall(r"<text[^>]*>(.*?)</text>", drawing))).replace(
        "\N{NO-BREAK SPACE}", " "
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_every_picture_exists_for_each_scheme(name: str, scheme: str) -> None:
    assert path_of(name, scheme).exists()


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_shown(name: str) -> None:
    assert name in {shown_name for _, shown_name, _ in shown()}


def test_every_picture_has_a_text() -> None:
    assert [name for text, name, _ in shown() if len(text) < 20] == []


def test_site_shows_a_picture_only_in_its_scheme() -> None:
    expected = {name: "#only-dark" if "-dark" in name else "#only-light" for _, name, _ in shown()}
    assert [name for _, name, scheme in shown() if scheme not in {"", expected[name]}] == []


@pytest.mark.parametrize("path", sorted(PICTURES.glob("*.svg")), ids=lambda path: path.name)
def test_no_drawing_asks_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"url\(http|@import|href=\"http|<script", text) == []


def test_first_day_shows_the_hooks_of_a_project() -> None:
    config = (SOURCE / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    plain = re.sub(r"\{%=.*?%\}", "", config)
    hooks = [hook for hook in yaml.safe_load(plain)["repos"][0]["hooks"] if "stages" not in hook]
    text = text_of("first-day.svg")
    assert [hook["name"] for hook in hooks if hook["name"] not in text] == []


def test_first_day_shows_the_sessions_of_a_project() -> None:
    noxfile = (SOURCE / "noxfile.py").read_text(encoding="utf-8")
    listed = re.findall(r'"(\w+)"', re.findall(r"options\.sessions = \[(.+)\]", noxfile)[0])
    text = text_of("first-day.svg")
    assert [name for name in listed if f"* {name}: success" not in text] == []


def test_story_edits_what_is_there() -> None:
    """The picture of the history can be drawn again."""
    texts: dict[str, str] = {}
    missing = []
    for _, edit, _ in STORY:
        if edit:
            name, old, new = edit
            text = texts.get(name) or source(f"src/my_project/{name}").read_text(encoding="utf-8")
            missing += [edit] if old not in text else []
            texts[name] = text.replace(old, new)
    assert missing == []
