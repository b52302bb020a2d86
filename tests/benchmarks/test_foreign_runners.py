"""The page about figures on each runner says the same only of figures."""

from pathlib import Path

import pytest

from scripts.foreign import runners

ROWS = [
    (problem, python, "sequential", "mae 0.5")
    for problem in runners.PROBLEMS
    for python in runners.RUNNERS
]
OTHER = (*ROWS[-1][:3], "mae 0.6")
FAILED = [(*row[:3], f"{runners.FAILED}error: no module") for row in ROWS]


@pytest.mark.parametrize(
    ("rows", "code"),
    [(ROWS, 0), ([*ROWS[:-1], OTHER], 1), (FAILED, 1), (ROWS[2:], 1)],
    ids=["same", "other", "all failed alike", "missing"],
)
def test_only_equal_figures_are_the_same(
    rows: list[runners.Row], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runners, "PAGE", tmp_path / "runners.md")
    assert runners.write(rows) == code
