"""Rules beside decisions: a pattern that certain files must not contain."""

from pathlib import Path

import pytest
import yaml

from hangar_devkit.decisions.cli import main
from hangar_devkit.decisions.records import FRONT_MATTER, load

OWN = Path(__file__).parents[3] / "docs" / "decisions"
RECORD = """\
---
status: {status}
{rule}---

# Use Polars

pandas copies too much.
"""
RULE = "forbid: '^\\s*(import|from) pandas\\b'\npaths: src/**/*.py !src/old/*.py\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that uses pandas in three places; one of them is left out of the rule."""
    for path, text in {
        "src/app/load.py": "import csv\n\nimport pandas as pd\n",
        "src/app/save.py": "import pandas  # their API takes frames: ADR-0001\n",
        "src/old/load.py": "import pandas\n",
        "docs/pandas.py": "import pandas\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    record(tmp_path)
    return tmp_path


def record(project: Path, rule: str = RULE, status: str = "accepted") -> None:
    """Write the decision, and the index for it."""
    path = project / "docs/decisions/0001-use-polars.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(RECORD.format(status=status, rule=rule), encoding="utf-8")
    main(["index"])


def found(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    main(["lint"])
    return capsys.readouterr().err.splitlines()


@pytest.mark.usefixtures("project")
def test_line_that_breaks_a_rule_is_reported_with_the_decision(
    capsys: pytest.CaptureFixture[str],
) -> None:
    decision = "ADR-0001, Use Polars; see docs/decisions/0001-use-polars.md"
    assert found(capsys) == [f"src/app/load.py:3: 'import pandas' goes against {decision}"]


@pytest.mark.usefixtures("project")
def test_line_that_breaks_a_rule_fails() -> None:
    assert main(["lint"]) == 1


@pytest.mark.parametrize("status", ["proposed", "rejected", "deprecated"])
def test_only_accepted_decisions_are_in_force(project: Path, status: str) -> None:
    record(project, status=status)
    assert main(["lint"]) == 0


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("forbid: '('\npaths: src/**/*.py\n", "not a regular expression"),
        ("forbid: pandas\n", "a rule has two lines"),
        ("paths: src/**/*.py\n", "a rule has two lines"),
        ("forbid: pandas\npaths: lib/*.py\n", "no file matches 'lib/*.py'"),
        ("forbid: pandas\npaths: /etc/*\n", "paths cannot be searched"),
    ],
)
def test_rule_that_checks_nothing_is_refused(
    project: Path, rule: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record(project, rule)
    assert message in "".join(found(capsys))


def test_rules_are_read_as_obsidian_reads_them() -> None:
    """Properties in YAML and what the command reads are the same text."""
    texts = [(each, each.path.read_text(encoding="utf-8")) for each in load(OWN) if each.forbid]
    fronts = [(each, FRONT_MATTER.match(text)) for each, text in texts]
    read = [(each.forbid, yaml.safe_load(front[1])["forbid"]) for each, front in fronts if front]
    assert [(ours, theirs) for ours, theirs in read if ours != theirs] == []
