"""Tests of the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from {{= cookiecutter.package_name }} import cli, schemas

HEADER = "time,source,unit,value\n"
VALID = "2026-01-05T08:00:00Z,boiler-1,celsius,61.0\n"
INVALID = "never,boiler-1,celsius,1\n"


def validate(*args: object, contract: str = "Reading") -> Result:
    return CliRunner().invoke(cli.app, ["validate", "--contract", contract, *map(str, args)])


def test_sample_is_valid(sample: Path) -> None:
    assert validate(sample).exit_code == 0


def test_summary_counts_rows(sample: Path) -> None:
    assert validate(sample).output.splitlines()[-1] == "288 rows: 288 valid, 0 invalid"


def test_valid_rows_are_written(write: Callable[..., Path]) -> None:
    file = write("in.csv", HEADER + VALID + INVALID)
    validate(file, "--output", "out.csv")
    assert Path("out.csv").read_text(encoding="utf-8") == HEADER + VALID


def test_invalid_row_fails(write: Callable[..., Path]) -> None:
    assert validate(write("in.csv", HEADER + VALID + INVALID)).exit_code == 1


def test_invalid_rows_are_written(write: Callable[..., Path]) -> None:
    validate(write("in.csv", HEADER + VALID + INVALID))
    assert '"value": "\'never\'"' in Path("in.csv.rejects.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "in.csv: empty file"),
        ("time,source,unit\n", "missing column 'value'"),
        (HEADER, "0 valid rows; the contract requires at least 1"),
        (HEADER + INVALID, "1 of 1 rows are invalid, the limit is 50%; "),
        ("time\xff", "missing columns"),
    ],
)
def test_invalid_file_is_explained(write: Callable[..., Path], content: str, message: str) -> None:
    assert message in validate(write("in.csv", content.encode("latin-1"))).output


def test_file_of_another_contract_is_validated(write: Callable[..., Path]) -> None:
    row = "readings-20260105T1200.jsonl,1,2026-01-05T12:00:00Z\n"
    file = write("batches.csv", "name,rows,collected\n" + row)
    assert validate(file, contract="Batch").exit_code == 0


def test_unknown_contract_is_explained() -> None:
    known = ", ".join(schemas.__all__)
    assert f"there are {known}" in validate("in.csv", contract="Bar").output


def test_missing_file_is_explained() -> None:
    assert "No such file" in validate("none.csv").output


def test_limits_come_from_the_environment(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_MAX_REJECTS", "0")
    assert "the limit is 0" in validate(write("in.csv", HEADER + VALID + INVALID)).output


def test_collect_rejects_other_urls() -> None:
    result = CliRunner().invoke(cli.app, ["collect", "file:///etc/hosts"])
    assert result.output == "error: not an http(s) URL: file:///etc/hosts\n"
