"""Failures of one cause are one class, whose name stays."""

import random

import pytest

from hangar_devkit.history.analysis import lifecycle
from hangar_devkit.history.analysis.classes import group, is_distinctive
from hangar_devkit.history.analysis.occurrences import Occurrence, class_name
from hangar_devkit.history.results import Frame

RUNS = 20


def occurrence(
    run: int, test: str, function: str = "total", line: int = 3, origin: str = "app"
) -> Occurrence:
    path = "src/shop.py" if origin == "app" else "tests/test_shop.py"
    frame = Frame(path, function, line, origin, f"return {function}")
    return Occurrence(run, test, "ValueError", f"{function} broke", (frame,))


def test_line_numbers_do_not_tell_failures_apart() -> None:
    assert occurrence(0, "t", line=3).fingerprint == occurrence(0, "t", line=99).fingerprint


def test_the_deepest_frame_of_the_code_is_home() -> None:
    frames = (
        Frame("tests/test_a.py", "test_a", 1, "test", ""),
        Frame("src/shop.py", "total", 2, "app", ""),
        Frame("json.py", "loads", 3, "lib", ""),
    )
    assert Occurrence(0, "t", "E", "", frames).fingerprint == "E|shop.py|total"


def test_one_run_groups_by_fingerprint() -> None:
    first, same, other = group(
        [occurrence(0, "a"), occurrence(0, "b"), occurrence(0, "c", "tax")], 1
    )
    assert first == same != other


def test_what_fails_together_is_one_class() -> None:
    runs = (2, 5, 6, 11, 17)
    labels = group([occurrence(r, f"t{i}", f"f{i}") for r in runs for i in range(3)], RUNS)
    assert len(set(labels)) == 1


def test_one_fingerprint_with_two_causes_is_two_classes() -> None:
    one, two = (1, 4, 9, 15), (2, 7, 12, 18)
    seen = [occurrence(r, t) for r in one for t in ("a", "b")]
    seen += [occurrence(r, t) for r in two for t in ("c", "d")]
    assert len(set(group(seen, RUNS))) == 2


def test_a_test_that_two_causes_hit_belongs_to_both() -> None:
    one, two = (1, 4, 9, 15), (2, 7, 12, 18)
    seen = [occurrence(r, t, "f") for r in one for t in ("a", "both")]
    seen += [occurrence(r, t, "g") for r in two for t in ("b", "both")]
    labels = dict(zip(((s.run, s.test) for s in seen), group(seen, RUNS), strict=True))
    assert [labels[run, "both"] for run in (1, 2)] == [labels[1, "a"], labels[2, "b"]]


def test_a_test_that_always_fails_stays_apart() -> None:
    seen = [occurrence(r, "always", "f") for r in range(RUNS)]
    seen += [occurrence(r, "now and then", "g") for r in (2, 5, 6, 11, 17)]
    labels = group(seen, RUNS)
    assert len(set(labels[:RUNS])) == 1


def test_what_began_together_and_lasts_is_one_class() -> None:
    seen = [occurrence(r, f"t{i}", f"f{i}") for r in range(15, RUNS) for i in range(3)]
    assert len(set(group(seen, RUNS))) == 1


def test_what_failed_in_every_run_is_not_merged_for_that() -> None:
    seen = [occurrence(r, f"t{i}", f"f{i}") for r in range(RUNS) for i in range(3)]
    assert len(set(group(seen, RUNS))) == 3


def test_what_overlaps_is_not_a_union() -> None:
    spans = {"a": range(3, 9), "b": range(3, 6), "c": range(6, 9)}
    seen = [
        occurrence(r, f"{f}{i}", f) for f, span in spans.items() for r in span for i in range(3)
    ]
    assert len(set(group(seen, RUNS))) == 3


def in_a_test(exception: str, message: str, path: str, test: str) -> Occurrence:
    frame = Frame(path, test, 1, "test", "x")
    return Occurrence(0, f"{path}::{test}", exception, message, (frame,))


ONE_CAUSE = {
    "a missing module": [
        in_a_test("ModuleNotFoundError", "No module named 'dep'", f"tests/test_{i}.py", "<module>")
        for i in range(12)
    ],
    "a closed port": [
        in_a_test("ConnectionRefusedError", "[Errno 111]", f"tests/test_{i}.py", "test_it")
        for i in range(12)
    ],
    "a closed port behind functions": [
        Occurrence(0, f"t{i}", "ConnectionRefusedError", "[Errno 111]",
                   (Frame("src/shop.py", f"call_{i}", 1, "app", "connect()"),))
        for i in range(5)
    ],
    "a renamed argument": [
        in_a_test("TypeError", "f() got an unexpected argument 'x'", f"t{i}.py", f"test_{i}")
        for i in range(3)
    ],
    "assertions in one file": [
        in_a_test("AssertionError", f"assert {i} == 7", "tests/test_a.py", f"test_{i}")
        for i in range(3)
    ],
}  # fmt: skip


@pytest.mark.parametrize("seen", ONE_CAUSE.values(), ids=ONE_CAUSE)
def test_one_cause_is_one_class_in_the_first_run(seen: list[Occurrence]) -> None:
    assert len(set(group(seen, 1))) == 1


def test_two_missing_modules_are_two_classes() -> None:
    seen = [
        in_a_test("ModuleNotFoundError", f"No module named '{name}'", f"tests/test_{name}.py", "m")
        for name in ("one", "other")
    ]
    assert len(set(group(seen, 1))) == 2


@pytest.mark.parametrize(
    ("mask", "runs", "telling"),
    [(0b1, 20, False), (0b11 << 19, 21, True), (0b0100110, 20, True), (0b111, 3, False)],
)
def test_a_set_of_runs_tells_by_its_changes(mask: int, runs: int, telling: bool) -> None:
    assert is_distinctive(mask, runs) is telling


def test_the_order_of_failures_does_not_matter() -> None:
    seen = [occurrence(r, f"t{i}", f"f{i % 2}") for r in (1, 4, 9, 15) for i in range(6)]
    mixed = random.Random(1).sample(seen, len(seen))
    there = dict(zip(mixed, group(mixed, RUNS), strict=True))
    assert [there[s] for s in seen] == group(seen, RUNS)


def test_a_name_is_the_fingerprint_s() -> None:
    seen = [occurrence(0, "a")]
    names = lifecycle.name_groups(["x"], seen, [""], {})
    assert names == {"x": class_name(seen[0].fingerprint)}


def test_a_group_keeps_the_name_of_most_of_its_failures() -> None:
    seen = [occurrence(0, "a"), occurrence(1, "b"), occurrence(1, "c", "tax")]
    names = lifecycle.name_groups(["x", "x", "x"], seen, ["E-old", "E-old", "E-other"], {})
    assert names == {"x": "E-old"}


def test_a_merged_class_is_found_by_its_former_name() -> None:
    merged = lifecycle.merged_names(["E-1", "E-1", "E-2", ""], ["E-1", "E-1", "E-1", "E-1"])
    assert merged == {"E-2": "E-1"}


def test_a_split_class_gets_a_second_name() -> None:
    seen = [occurrence(0, "a"), occurrence(1, "b")]
    names = lifecycle.name_groups(["x", "y"], seen, ["", ""], {})
    assert names["x"] != names["y"]


def test_a_renamed_test_stays_in_its_class() -> None:
    old = occurrence(0, "old", "test_old", origin="test")
    frame = old.frames[0]._replace(function="test_new")
    new = old._replace(run=1, test="new", frames=(frame,))
    assert lifecycle.follow_renames(["x", "y"], [old, new], {"old"}) == ["y", "y"]


@pytest.mark.parametrize(
    ("present", "runs", "state"),
    [
        ({5}, 6, "new"),
        ({3, 5}, 6, "recurring"),
        ({1}, 4, "new"),
        ({1}, 5, "resolved"),
        ({1, 6}, 7, "regressed"),
    ],
)
def test_the_state_of_a_class(present: set[int], runs: int, state: str) -> None:
    assert lifecycle.state_of(present, range(runs), older=False) == state


def test_a_title_says_what_and_where() -> None:
    assert occurrence(0, "a").title == "ValueError in total: total broke"
