"""The command line, as a user calls it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from {{ cookiecutter.package_name }} import cli

HEADER = "time,source,value\n"
GOOD = "2026-01-05T08:00:00Z,boiler-1,61.0\n"


def validate(*args: object) -> Result:
    return CliRunner().invoke(cli.app, ["validate", *map(str, args)])


def test_sample_is_good(sample: Path) -> None:
    assert validate(sample).exit_code == 0


def test_summary_counts_rows(sample: Path) -> None:
    assert validate(sample).output.splitlines()[-1] == "288 rows: 288 good, 0 bad"


def test_good_rows_are_written(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(HEADER + GOOD + "never,boiler-1,1\n", encoding="utf-8")
    validate(source, "--output", target)
    assert target.read_text(encoding="utf-8") == HEADER + GOOD


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no column source, time, value in the header"),
        ("time,source\n", "no column value in the header"),
        (HEADER + "yesterday,boiler-1,1\n", "2: time: "),
        (HEADER + "2026-01-05T08:00:00,boiler-1,1\n", "2: time: "),
        (HEADER + GOOD + "2026-01-05T08:00:00Z,Boiler 1,1\n", "3: source: "),
        (HEADER + "2026-01-05T08:00:00Z,boiler-1,nan\n", "2: value: "),
        (HEADER + "2026-01-05T08:00:00Z,boiler-1,1,2\n", "2: more values"),
        (HEADER + '2026-01-05T08:00:00Z,"boiler', "not CSV"),
    ],
)
def test_bad_input_is_explained(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(content, encoding="utf-8")
    assert message in validate(file).output


def test_bad_row_fails(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(HEADER + "never,boiler-1,1\n", encoding="utf-8")
    assert validate(file).exit_code == 1


def test_missing_file_is_explained(tmp_path: Path) -> None:
    assert "No such file" in validate(tmp_path / "none.csv").output


def test_other_encoding_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes("time,source,value\nüber".encode("latin-1"))
    assert "not UTF-8 text" in validate(file).output
