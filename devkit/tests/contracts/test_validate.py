"""The command `hangar contracts validate` on a project that is not from the template."""

import sys
from pathlib import Path

import pytest

from hangar_devkit.contracts.cli import main

MODELS = """\
from pydantic import BaseModel, ConfigDict, Field, field_validator


class Trade(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    symbol: str
    price: float = Field(gt=0)
    note: str | None = None


class Order(BaseModel):
    trades: list[Trade]

    @field_validator("trades")
    @classmethod
    def check(cls, value):
        return value[0] and value
"""
FILES = {
    "good.csv": "symbol,price,note\nA,1.5,\nB,2,late\n",
    "bad.csv": "symbol,price\nA,0\n",
    "more.csv": "symbol,price,extra\nA,1,x\n",
    "shifted.csv": "symbol,price,note\nA,1.5,x,y\n",
    "short.csv": "symbol,price,note\nA,1.5\n",
    "twice.csv": "symbol,price,price\nA,1.5,2.5\n",
    "good.jsonl": '{"symbol": "A", "price": 1}\n\n{"symbol": "B", "price": 2.5}\n',
    "bad.jsonl": '{"symbol": "A", "price": "1"}\n',
    "good.json": '[{"symbol": "A", "price": 1}]',
    "broken.json": "[{",
    "table.xlsx": "",
    "orders.jsonl": '{"trades": []}\n',
}

# (file, contract, exit code, what is shown)
CASES = [
    ("good.csv", "Trade", 0, "good.csv: 2 of 2 rows are a valid Trade"),
    ("bad.csv", "Trade", 1, "bad.csv, line 2: price: Input should be greater than 0"),
    ("more.csv", "Trade", 1, "more.csv, line 2: extra: Extra inputs are not permitted"),
    ("shifted.csv", "Trade", 1, "shifted.csv, line 2: must have 3 values"),
    ("short.csv", "Trade", 1, "short.csv, line 2: must have 3 values"),
    ("twice.csv", "Trade", 2, "twice.csv: the header names a column twice"),
    ("good.jsonl", "Trade", 0, "good.jsonl: 2 of 2 rows are a valid Trade"),
    ("bad.jsonl", "Trade", 1, "bad.jsonl, line 1: price: Input should be a valid number"),
    ("good.json", "Trade", 0, "good.json: 1 of 1 rows are a valid Trade"),
    ("orders.jsonl", "Order", 1, "orders.jsonl, line 1: list index out of range"),
    ("broken.json", "Trade", 2, "broken.json: Expecting"),
    ("table.xlsx", "Trade", 2, "the name must end in .csv"),
    ("good.csv", "Order", 2, "Order.trades does not fit into a cell; use JSON Lines"),
    ("good.csv", "Bar", 2, "no contract 'Bar'; there are: Trade, Order"),
    ("missing.csv", "Trade", 2, "missing.csv: No such file or directory"),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two contracts and some files."""
    (tmp_path / "pyproject.toml").write_text('[tool.hangar]\ncontracts = "bourse"\n', "utf-8")
    (tmp_path / "bourse.py").write_text(MODELS, "utf-8")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "bourse", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("file", "contract", "code", "text"), CASES)
def test_exit_code(file: str, contract: str, code: int, text: str) -> None:
    assert main(["validate", file, "--contract", contract]) == code


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("file", "contract", "code", "text"), CASES)
def test_result_is_shown(
    capsys: pytest.CaptureFixture[str], file: str, contract: str, code: int, text: str
) -> None:
    main(["validate", file, "--contract", contract])
    assert text in "".join(capsys.readouterr())


@pytest.mark.usefixtures("project")
def test_contract_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    main(["validate", "good.csv"])
    assert "name a contract by --contract; there are: Trade, Order" in capsys.readouterr().err
