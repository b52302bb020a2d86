"""The text of a commit or request: a forge does not act on the template's changelog."""

import pytest

from hangar_devkit.update.propose import neutralise


@pytest.mark.parametrize(
    "active",
    [
        *("Fixes #12", "closes GH-12", "thanks @someone", "closes group/project#12", "see !7"),
        *("https://example.com/o/r/issues/12", "https://example.com/g/p/-/merge_requests/3"),
        *("[skip ci]", "[CI SKIP]", "skip-checks: true", "/approve"),
    ],
)
def test_what_a_forge_acts_on_is_broken(active: str) -> None:
    assert active not in neutralise(f"Changes:\n{active}\n")


@pytest.mark.parametrize("active", ["Fixes #12, thanks @someone", "[skip ci]"])
def test_it_reads_the_same(active: str) -> None:
    assert neutralise(active).replace("\u200b", "") == active


@pytest.mark.parametrize("plain", ["## 1.2.0", "a.b@example.com", "C# and 100 %", "a/b/c"])
def test_other_text_is_kept(plain: str) -> None:
    assert neutralise(plain) == plain
