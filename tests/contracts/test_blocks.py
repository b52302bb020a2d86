"""Many rows at once give what each row gives alone."""

import json
from datetime import datetime
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import AfterValidator, AwareDatetime, Field, create_model

from .malformed import CSV, Spoil


@pytest.fixture(scope="module")
def bar(edge: Any) -> Any:
    """A contract with a column of each form, and with table rules."""

    class Bar(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(key=("time", "source"), ordered="time")
        time: AwareDatetime
        source: str = Field(pattern=r"^[a-z-]+\d$", max_length=12)
        unit: Literal["celsius", "euro", "packets"]
        value: float = Field(le=1e6)

    return Bar


def outcomes(edge: Any, contract: Any, path: Path, size: int) -> list[str]:
    """Return what comes of each row of a file, with some rows at once."""
    load = import_module(f"{edge.__name__}.load")
    rows = load.READERS[path.suffix]
    with load.opened(path) as file:
        try:
            parts = list(rows(file, contract, 1000, block=size))
        except edge.EdgeError as error:
            return [str(error)]
    checker, decided = load.TableRuleChecker(contract.table), []
    for part in parts:
        if isinstance(part, list):
            decided += checker.check_rows(part)
            continue
        for each in checker.check_block(part):
            is_block = isinstance(each, load.Block)
            decided += [(row, ()) for row in each.rows()] if is_block else each
    decided += checker.rest()
    return [repr((row[0], problems or row[2])) for row, problems in decided]


def lines(random: Random) -> list[str]:
    """Return a valid file of some hundred lines, with some out of order or of another form."""
    found = ["time,source,unit,value"]
    for number in range(300):
        minute, source = divmod(number, 3)
        value = random.choice(
            ["1", "-0", "1.5", "1e-5", "1e-400", "007", "1_0", "2e6", "true", " 1"]
        )
        value = value if random.random() < 0.05 else str(number / 8)
        day = 5 if random.random() > 0.01 else random.choice([1, 28])
        found.append(
            f"2026-01-{day:02}T{minute // 60:02}:{minute % 60:02}:00Z,boiler-{source},euro,{value}"
        )
    return found


@pytest.mark.parametrize("seed", range(20))
def test_rows_at_once_are_those_one_by_one(edge: Any, bar: Any, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(lines(Random(seed))) + "\n", encoding="utf-8")
    assert outcomes(edge, bar, path, 1000) == outcomes(edge, bar, path, 1)


def objects(random: Random) -> list[str]:
    """Return lines of JSON, most of them valid, with values of each form."""
    values = [1, -0.0, 1e-5, 10**20, True, None, "1", "NaN", [1], {"a": 1}, "euro", 'a"b', "\u00e9"]
    found = []
    for number, line in enumerate(lines(random)[1:]):
        time, source, unit, _ = line.split(",")
        row: dict[str, Any] = {"time": time, "source": source, "unit": unit, "value": number / 8}
        if random.random() < 0.03:
            row[random.choice(list(row))] = random.choice(values)
        text = json.dumps(row)
        if random.random() < 0.03:
            text = random.choice(
                [
                    text.replace('"value"', '"value": 1, "value"'),
                    text.replace('"unit": ', '"unit" : "a", "unit":'),
                    text.replace(": ", ":"),
                    text.replace(", ", ","),
                    text.replace('"value": ', '"value": 1e-400, "x": '),
                    text.replace("euro", "eu\tro"),
                    text.replace("euro", "eu\x01ro"),
                    text[:-1],
                    text[1:],
                    "",
                    text + "," + text,
                    text.replace('"unit"', '"source"', 1),
                    f"[{text}]",
                    text.replace("{", '{"value": {'),
                ]
            )
        found.append(text)
    return found


@pytest.mark.parametrize("dumped", ["as json.dumps does", "as pydantic does"])
@pytest.mark.parametrize("seed", range(20))
def test_objects_at_once_are_those_one_by_one(
    edge: Any, bar: Any, tmp_path: Path, seed: int, dumped: str
) -> None:
    path, text = tmp_path / "bars.jsonl", "\n".join(objects(Random(seed))) + "\n"
    if dumped == "as pydantic does":
        text = text.replace('": ', '":').replace(', "', ',"')
    path.write_text(text, encoding="utf-8")
    assert outcomes(edge, bar, path, 1000) == outcomes(edge, bar, path, 1)


def test_keys_in_another_order_are_not_mixed_up(edge: Any, tmp_path: Path) -> None:
    contract = create_model("Two", __base__=edge.Contract, a=(str, ...), b=(str, ...))
    lines = ['{"a": "1", "b": "2"}', '{"b": "2", "a": "1"}'] * 20
    (tmp_path / "two.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert {each.a for each in edge.Load(tmp_path / "two.jsonl", contract)} == {"1"}


@pytest.mark.parametrize("count", [4, 40], ids=["row by row", "at once"])
@pytest.mark.parametrize("name", ["hours.csv", "hours.jsonl"])
def test_times_that_a_validator_makes_one_are_one_key(
    edge: Any, tmp_path: Path, name: str, count: int
) -> None:
    class Hour(edge.Contract):  # type: ignore[misc]
        table: ClassVar = edge.TableRules(key=("time",), ordered="time")
        time: Annotated[AwareDatetime, AfterValidator(lambda time: time.replace(minute=0))]
        value: int

    rows = [f"2026-01-05T08:{minute:02}:00Z" for minute in range(count)]
    form = "{},1" if name.endswith("csv") else '{{"time": "{}", "value": 1}}'
    lines = ["time,value"] * name.endswith("csv") + [form.format(row) for row in rows]
    (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    load = edge.Load(tmp_path / name, Hour, rejects=tmp_path / "rejects.jsonl")
    assert len(list(load)) == 1


def test_counts_are_those_of_the_rows_that_were_taken(edge: Any, bar: Any, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(lines(Random(0))[:20]) + "\n", encoding="utf-8")
    load = edge.Load(path, bar)
    records = iter(load)
    next(records), next(records)
    assert (load.read, load.accepted) == (2, 2)


@pytest.mark.parametrize("spoil", CSV.values(), ids=CSV)
def test_malformed_rows_at_once_are_those_one_by_one(
    edge: Any, bar: Any, good: list[str], tmp_path: Path, spoil: Spoil
) -> None:
    path, random = tmp_path / "bars.csv", Random(1)
    path.write_bytes(spoil(good, random))
    assert outcomes(edge, bar, path, 1000) == outcomes(edge, bar, path, 1)


def test_record_made_at_once_is_a_record(edge: Any, bar: Any, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(lines(Random(0))[:20]) + "\n", encoding="utf-8")
    record = next(iter(edge.Load(path, bar)))
    assert bar.model_validate(record.model_dump()) == record


@pytest.mark.parametrize("name", ["r.csv", "r.jsonl"])
def test_rows_are_validated_without_records(edge: Any, bar: Any, tmp_path: Path, name: str) -> None:
    records = [bar(time=time, source="a-1", unit="euro", value=1.0) for time in times(200)]
    with edge.saving(tmp_path / name, bar) as put:
        for record in [*records, records[-1]]:  # the last key occurs twice
            put(record)
    load = edge.Load(tmp_path / name, bar, rejects=tmp_path / "rejects.jsonl")
    assert (load.validate(), load.rejected) == (200, 1)


def times(count: int) -> list[datetime]:
    return [
        datetime.fromisoformat(f"2026-01-05T08:{n // 60:02}:{n % 60:02}Z") for n in range(count)
    ]
