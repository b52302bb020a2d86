"""Tests of the contracts: valid data passes unchanged, invalid data is explained."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fixtures.records import MakeTable
from hangar_devkit.contracts.examples import file_types
from hangar_devkit.contracts.strategies import records
from hypothesis import given
from hypothesis import strategies as st

from {{= cookiecutter.package_name }} import schemas
from {{= cookiecutter.package_name }}.edge import (
    Contract,
    EdgeError,
    Load,
    saving,
)
from {{= cookiecutter.package_name }}.schemas import Reading

HEADER = "time,source,unit,value\n"
VALID = "2026-01-05T08:00:00Z,boiler-1,celsius,61.0\n"


CONTRACTS = [getattr(schemas, name) for name in schemas.__all__]
FILES = [(contract, f"rows{each}") for contract in CONTRACTS for each in file_types(contract)]


@pytest.mark.parametrize("contract", CONTRACTS)
@given(data=st.data())
def test_record_survives_json(contract: type[Contract], data: st.DataObject) -> None:
    record = data.draw(records(contract))
    assert contract.model_validate_json(record.model_dump_json(by_alias=True)) == record


@pytest.mark.parametrize(("contract", "name"), FILES)
def test_table_survives_a_file(
    make_table: MakeTable, tmp_path: Path, contract: type[Contract], name: str
) -> None:
    rows = make_table(contract, 20)
    with saving(tmp_path / name, contract) as write:
        for row in rows:
            write(row)
    assert list(Load(tmp_path / name, contract)) == rows


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("yesterday,boiler-1,celsius,1", "time must be an ISO 8601 date and time"),
        ("2026-01-05T08:00:00,boiler-1,celsius,1", "time must have timezone info"),
        ("1767600000,boiler-1,celsius,1", "time must be an ISO 8601 date and time"),
        ("2026-01-05T08:00:00Z,Boiler 1,celsius,1", "source must match pattern"),
        ("2026-01-05T08:00:00Z,boiler-1,kelvin,1", "unit must be 'celsius', 'euro' or 'packets'"),
        ("2026-01-05T08:00:00Z,boiler-1,celsius,nan", "value must be a finite number"),
        ("2026-01-05T08:00:00Z,boiler-1,celsius,1e9", "value must be less than or equal to"),
        ("2026-01-05T08:00:00Z,boiler-1,celsius,", "value is missing"),
        ("2026-01-05T08:00:00Z,boiler-1,celsius,1,2", "the row has 5 values for 4 columns"),
        (VALID.strip(), "must not occur twice"),
        ("2026-01-05T07:00:00Z,boiler-1,celsius,1", "time must not be below an earlier row"),
    ],
)
def test_invalid_row_is_explained(write: Callable[..., Path], row: str, message: str) -> None:
    file = write("readings.csv", f"{HEADER}{VALID}{row}\n")
    with pytest.raises(EdgeError, match=f"row 3: .*{message}"):
        list(Load(file, Reading))
