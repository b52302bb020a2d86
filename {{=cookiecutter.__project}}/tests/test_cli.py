"""The command line, as a user calls it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from {{= cookiecutter.package_name }} import cli

HEADER = "time,source,unit,value\n"
GOOD = "2026-01-05T08:00:00Z,boiler-1,celsius,61.0\n"
BAD = "never,boiler-1,celsius,1\n"


def validate(*args: object) -> Result:
    return CliRunner().invoke(cli.app, ["validate", *map(str, args)])


def test_sample_is_good(sample: Path) -> None:
    assert validate(sample).exit_code == 0


def test_summary_counts_rows(sample: Path) -> None:
    assert validate(sample).output.splitlines()[-1] == "288 rows: 288 good, 0 bad"


def test_good_rows_are_written(write: Callable[..., Path]) -> None:
    file = write("in.csv", HEADER + GOOD + BAD)
    validate(file, "--output", "out.csv")
    assert Path("out.csv").read_text(encoding="utf-8") == HEADER + GOOD


def test_bad_row_fails(write: Callable[..., Path]) -> None:
    assert validate(write("in.csv", HEADER + GOOD + BAD)).exit_code == 1


def test_bad_rows_are_kept(write: Callable[..., Path]) -> None:
    validate(write("in.csv", HEADER + GOOD + BAD))
    assert '"value": "\'never\'"' in Path("in.rejects.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "in.csv: empty"),
        ("time,source,unit\n", "the header misses 'value'"),
        (HEADER, "0 good rows; the contract wants at least 1"),
        (HEADER + BAD, "1 of 1 rows are bad; the limit is 50%; the last is row 2: "),
        ("time\xff", "the header"),
    ],
)
def test_bad_file_is_explained(write: Callable[..., Path], content: str, message: str) -> None:
    assert message in validate(write("in.csv", content.encode("latin-1"))).output


def test_missing_file_is_explained() -> None:
    assert "No such file" in validate("none.csv").output


def test_limits_come_from_the_environment(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_MAX_REJECTS", "0")
    assert "the limit is 0" in validate(write("in.csv", HEADER + GOOD + BAD)).output


def test_collect_explains_what_is_no_address() -> None:
    result = CliRunner().invoke(cli.app, ["collect", "file:///etc/hosts"])
    assert result.output == "error: not an http address: file:///etc/hosts\n"
