"""Old answers, new questions."""

from pathlib import Path

import pytest

from hangar_devkit.update.answers import Step, migrate, read_steps
from hangar_devkit.update.errors import UpdateError

STEPS = [
    Step((0, 2, 0), renamed={"ci": "forge"}, values={"forge": {"none": "no"}}),
    Step((0, 3, 0), added={"tone": "long"}, removed={"shape": "all are round"}),
]
ASKED = {"name": "x", "forge": ["github", "no"], "tone": ["brief", "long"], "later": "y"}


def test_answers_are_renamed_revalued_added_and_removed() -> None:
    found = migrate({"name": "n", "ci": "none", "shape": "round"}, ASKED, STEPS, {})
    assert found.answers == {"name": "n", "forge": "no", "tone": "long"}


def test_what_was_done_is_told() -> None:
    found = migrate({"ci": "none", "shape": "round", "odd": 1}, ASKED, STEPS, {})
    assert found.notes == [
        "ci is now called forge",
        "forge = none is now no",
        "shape is no longer asked: all are round",
        "odd = 1 is no longer asked",
    ]


def test_answers_that_nobody_gave_are_named() -> None:
    assert migrate({"name": "n", "ci": "github"}, ASKED, STEPS, {}).new == ["tone", "later"]


def test_steps_can_be_taken_twice() -> None:
    once = migrate({"name": "n", "ci": "none"}, ASKED, STEPS, {}).answers
    assert migrate(once, ASKED, STEPS, {}).answers == once


def test_what_the_user_says_wins() -> None:
    assert migrate({"ci": "none"}, ASKED, STEPS, {"tone": "brief"}).answers["tone"] == "brief"


@pytest.mark.parametrize(
    ("answers", "given", "words"),
    [({"forge": "x"}, {}, "forge = x is no longer offered"), ({}, {"z": 1}, "does not ask for z")],
)
def test_an_answer_that_fits_nothing_is_refused(
    answers: dict[str, object], given: dict[str, object], words: str
) -> None:
    with pytest.raises(UpdateError, match=words):
        migrate(answers, ASKED, [], given)


def folder(root: Path, name: str, text: str) -> None:
    (root / name).mkdir(parents=True)
    (root / name / "answers.toml").write_text(text, encoding="utf-8")


def test_steps_are_read_in_the_order_of_versions(tmp_path: Path) -> None:
    for name in ("v0.10.0", "v0.9.0", "v0.11.0", "v0.8.0", "notes"):
        folder(tmp_path, name, "")
    versions = [step.version for step in read_steps(tmp_path, (0, 8, 0), (0, 10, 0))]
    assert versions == [(0, 9, 0), (0, 10, 0)]


@pytest.mark.parametrize("text", ["[broken", "[rename]\na = 'b'\n"])
def test_a_step_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    folder(tmp_path, "v1.0.0", text)
    with pytest.raises(UpdateError, match=r"migrations/v1\.0\.0/answers\.toml"):
        read_steps(tmp_path, None, (1, 0, 0))
