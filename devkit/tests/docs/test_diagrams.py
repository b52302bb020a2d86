"""Diagrams are drawn while building."""

import base64
import re

import markdown
import pytest

from hangar_devkit.docs.diagrams import DiagramError, draw

FLOW = "flowchart LR\n    accTitle: one & two\n    one --> two"


def html(text: str) -> str:
    return markdown.markdown(
        text, extensions=["hangar_devkit.docs.diagrams", "pymdownx.superfences"]
    )


def test_block_becomes_a_picture_for_each_scheme() -> None:
    found = re.findall(r"#only-(\w+)\"", html(f"Before\n\n```mermaid\n{FLOW}\n```\n\nAfter"))
    assert found == ["light", "dark"]


def test_picture_is_within_the_page() -> None:
    assert set(re.findall(r'src="(\w+):', draw(FLOW))) == {"data"}


def test_picture_is_svg() -> None:
    data = re.findall(r"base64,([^#]+)#", draw(FLOW))[0]
    assert base64.b64decode(data).startswith(b"<svg")


def test_title_is_read_aloud() -> None:
    assert 'alt="one &amp; two"' in draw(FLOW)


def test_drawn_alike_each_time() -> None:
    assert draw(FLOW) == draw(FLOW)


@pytest.mark.parametrize(
    "text",
    [
        f"````markdown\n```mermaid\n{FLOW}\n```\n````",
        f"```text\n{FLOW}\n```",
        "~~~python\nx = '''\n```mermaid\n'''\n~~~",
    ],
)
def test_other_blocks_are_left_alone(text: str) -> None:
    assert "<img" not in html(text)


def test_text_after_a_block_is_kept() -> None:
    assert "After" in html(f"```mermaid\n{FLOW}\n```\n\nAfter")


def test_no_diagram_fails() -> None:
    with pytest.raises(DiagramError, match="diagram 'flowchart sideways'"):
        draw("flowchart sideways\n a -> ]")
