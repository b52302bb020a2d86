"""CSV files of other dialects, compressed files, and files of columns."""

import gzip
import importlib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import polars as pl
import pytest
from pydantic import AliasChoices, Field, JsonValue, create_model
from typing_extensions import TypedDict

GERMAN = "zeit;preis\n2026-01-05T08:00:00Z;1,5\n2026-01-05T09:00:00Z;NA\n"


@pytest.fixture(scope="module")
def price(edge: Any) -> Any:
    """A contract of files as spreadsheets in Germany write them."""

    class Price(edge.Contract):  # type: ignore[misc]
        dialect: ClassVar = edge.Dialect(
            delimiter=";", decimal=",", encoding="cp1252", nulls=("NA", r"\N")
        )
        zeit: datetime
        preis: float | None

    return Price


def read(edge: Any, contract: Any, path: Path, text: str, encoding: str = "utf-8") -> list[Any]:
    path.write_text(text, encoding=encoding)
    return list(edge.Load(path, contract))


def test_dialect_of_the_contract_is_read(edge: Any, price: Any, tmp_path: Path) -> None:
    rows = read(edge, price, tmp_path / "p.csv", GERMAN, "cp1252")
    assert [row.preis for row in rows] == [1.5, None]


def test_point_is_no_decimal_comma(edge: Any, price: Any, tmp_path: Path) -> None:
    with pytest.raises(edge.EdgeError, match="row 2: preis must be"):
        read(edge, price, tmp_path / "p.csv", GERMAN.replace("1,5", "1.5"))


def test_dialect_is_written(edge: Any, price: Any, tmp_path: Path) -> None:
    rows = read(edge, price, tmp_path / "p.csv", GERMAN, "cp1252")
    with edge.saving(tmp_path / "saved.csv", price) as write:
        for row in rows:
            write(row)
    assert list(edge.Load(tmp_path / "saved.csv", price)) == rows


def test_encoding_is_declared(edge: Any, tmp_path: Path) -> None:
    class Name(edge.Contract):  # type: ignore[misc]
        dialect: ClassVar = edge.Dialect(encoding="latin-1")
        name: str
        count: int

    assert read(edge, Name, tmp_path / "n.csv", "name,count\né,1\n", "latin-1")[0].name == "é"


def test_header_may_be_absent(edge: Any, tmp_path: Path) -> None:
    class Pair(edge.Contract):  # type: ignore[misc]
        dialect: ClassVar = edge.Dialect(header=False)
        a: int
        b: str

    assert [row.a for row in read(edge, Pair, tmp_path / "p.csv", "1,x\n2,y\n")] == [1, 2]


HINTS = {
    "semicolons": ("a;b\n1;2\n", "semicolons: declare Dialect"),
    "tabs": ("a\tb\n1\t2\n", "tabs: declare Dialect"),
    "no header": ("1,2\n3,4\n", r"declare Dialect\(header=False\)"),
    "comma at the end": ("a,b,\n1,2,\n", "the header ends with ','"),
    "separator of Excel": ("sep=;\na;b\n", "separated by ';'"),
    "null word": ("a,b\nNA,2\n", r"declare Dialect\(nulls=\('NA',\)\)"),
    "other letters": ("A,B\n1,2\n", "names are compared exactly"),
    "decimal comma": ('a,b\n1,"2,5"\n', r"declare Dialect\(decimal=\",\"\)"),
}


@pytest.mark.parametrize(("text", "hint"), HINTS.values(), ids=HINTS)
def test_other_dialect_is_named(edge: Any, tmp_path: Path, text: str, hint: str) -> None:
    contract = create_model("Pair", __base__=edge.Contract, a=(int, ...), b=(float, ...))
    with pytest.raises(edge.EdgeError, match=hint):
        read(edge, contract, tmp_path / "p.csv", text)


def test_name_with_a_line_break_is_read(edge: Any, tmp_path: Path) -> None:
    contract = create_model(
        "Odd", __base__=edge.Contract, a=(int, Field(alias="a\nb")), c=(int, ...)
    )
    assert read(edge, contract, tmp_path / "o.csv", '"a\nb",c\n1,2\n')[0].a == 1


def test_one_of_several_names_is_enough(edge: Any, tmp_path: Path) -> None:
    field = (float, Field(validation_alias=AliasChoices("price", "last")))
    contract = create_model("Bar", __base__=edge.Contract, p=field, n=(int, ...))
    assert read(edge, contract, tmp_path / "b.csv", "last,n\n1.5,1\n")[0].p == 1.5


@pytest.mark.parametrize("name", ["r.csv.gz", "r.jsonl.gz"])
def test_compressed_file_reads_back(edge: Any, price: Any, tmp_path: Path, name: str) -> None:
    row = price(zeit=datetime(2026, 1, 5, tzinfo=UTC), preis=2.5)
    with edge.saving(tmp_path / name, price) as write:
        write(row)
    assert list(edge.Load(tmp_path / name, price)) == [row]


def test_compressed_file_needs_no_name(edge: Any, price: Any, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(gzip.compress(GERMAN.encode("cp1252")))
    assert len(list(edge.Load(tmp_path / "p.csv", price))) == 2


def test_value_is_shown_as_it_is_written(edge: Any, price: Any, tmp_path: Path) -> None:
    with pytest.raises(edge.EdgeError, match=r'Dialect\(decimal="."\) if it is meant\), not .1\.5'):
        read(edge, price, tmp_path / "p.csv", GERMAN.replace("1,5", "1.5"), "cp1252")


def test_damaged_compression_is_explained(edge: Any, price: Any, tmp_path: Path) -> None:
    (tmp_path / "r.csv.gz").write_bytes(gzip.compress(GERMAN.encode())[:-9])
    with pytest.raises(edge.EdgeError, match="compressed file is damaged"):
        list(edge.Load(tmp_path / "r.csv.gz", price))


class TestFrames:
    @pytest.fixture
    def bar(self, edge: Any) -> Any:
        """A contract with a type that has no column of its own."""

        class Bar(edge.Contract):  # type: ignore[misc]
            table: ClassVar = edge.TableRules(ordered="at")
            at: datetime
            price: Annotated[Decimal, Field(gt=0, decimal_places=2)]

        return Bar

    @pytest.mark.parametrize("name", ["b.parquet", "b.arrow"])
    def test_file_of_columns_is_read(self, edge: Any, bar: Any, tmp_path: Path, name: str) -> None:
        rows = {"at": [datetime(2026, 1, 5, tzinfo=UTC)] * 3, "price": ["1.25", "2.50", "3.75"]}
        frame = pl.DataFrame(rows)
        (frame.write_parquet if name.endswith("parquet") else frame.write_ipc)(tmp_path / name)
        found = [row.price for row in edge.Load(tmp_path / name, bar)]
        assert found == [Decimal("1.25"), Decimal("2.50"), Decimal("3.75")]

    def test_invalid_row_is_rejected(self, edge: Any, bar: Any, tmp_path: Path) -> None:
        rows = {"at": [datetime(2026, 1, 5, tzinfo=UTC)] * 2, "price": ["1.25", "0.001"]}
        pl.DataFrame(rows).write_parquet(tmp_path / "b.parquet")
        with pytest.raises(edge.EdgeError, match="row 2: price must have no more than 2 decimal"):
            list(edge.Load(tmp_path / "b.parquet", bar))

    def test_nanoseconds_are_not_cut(self, edge: Any, bar: Any, tmp_path: Path) -> None:
        times = pl.Series([1_767_600_000_000_000_001]).cast(pl.Datetime("ns", "UTC"))
        pl.DataFrame({"at": times, "price": ["1.25"]}).write_parquet(tmp_path / "b.parquet")
        with pytest.raises(edge.EdgeError, match="more than six decimals"):
            list(edge.Load(tmp_path / "b.parquet", bar))

    def test_damaged_file_is_explained(self, edge: Any, bar: Any, tmp_path: Path) -> None:
        (tmp_path / "b.parquet").write_bytes(b"PAR1 and no more")
        with pytest.raises(edge.EdgeError, match=r"b\.parquet: "):
            list(edge.Load(tmp_path / "b.parquet", bar))

    def test_compressed_file_of_columns_is_refused(
        self, edge: Any, bar: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "b.parquet.gz").write_bytes(gzip.compress(b"PAR1"))
        with pytest.raises(edge.EdgeError, match=r"unknown file type.*\.gz, \.parquet"):
            list(edge.Load(tmp_path / "b.parquet.gz", bar))

    def test_missing_polars_is_explained(
        self, edge: Any, bar: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        frames = importlib.import_module(f"{edge.__name__}.frames")

        def fail(name: str) -> None:
            raise ModuleNotFoundError(name)

        monkeypatch.setattr(frames, "import_module", fail)
        with pytest.raises(edge.EdgeError, match="needs Polars"):
            list(edge.Load(tmp_path / "b.parquet", bar))


class Inner(TypedDict):
    """A nested value that is no model."""

    at: date


GUESSES: dict[str, tuple[Any, str]] = {
    "nanoseconds": (datetime, '"2026-01-05T08:00:00.123456789Z"'),
    "nanoseconds of a time": (time, '"08:00:00.1234567"'),
    "nanoseconds of a duration": (timedelta, '"PT0.1234567S"'),
    "digits in a list": (list[date], '["0"]'),
    "digits in a mapping": (dict[str, datetime], '{"a": "1767600000"}'),
    "digits as a key": (dict[date, int], '{"0": 1}'),
    "digits in a typed dictionary": (Inner, '{"at": "0"}'),
    "underscore in a decimal": (Decimal, '"1_000"'),
    "space in a decimal": (Decimal, '" 1"'),
    "number that would be 0": (float, "1e-400"),
    "NaN in any value": (Any, '{"a": [NaN]}'),
    "infinity in a JSON value": (JsonValue, "Infinity"),
}


@pytest.mark.parametrize(("annotation", "value"), GUESSES.values(), ids=GUESSES)
def test_nested_value_is_not_guessed(
    edge: Any, tmp_path: Path, annotation: Any, value: str
) -> None:
    contract = create_model("One", __base__=edge.Contract, v=(annotation, ...))
    with pytest.raises(edge.EdgeError, match="row 1: "):
        read(edge, contract, tmp_path / "one.jsonl", f'{{"v": {value}}}\n')


CELLS: list[tuple[Any, str]] = [
    (int | float, "1_000"),
    (Annotated[int, Field(ge=0)] | None, "1_000"),
    (Annotated[int, Field(ge=0)], " 1"),
    (float, "1e-400"),
    (int | None, "null"),
    (Literal[1, 2], "1.0"),
    (Decimal, "1_000"),
    (datetime, "2026-01-05T08:00:00.1234567"),
    (datetime, "2026-01-05"),
    (date, "2026-01-05T00:00:00"),
]


@pytest.mark.parametrize(("annotation", "text"), CELLS)
def test_cell_is_not_guessed(edge: Any, tmp_path: Path, annotation: Any, text: str) -> None:
    contract = create_model("One", __base__=edge.Contract, a=(str, ...), v=(annotation, ...))
    with pytest.raises(edge.EdgeError, match=r"row 2: v (must|is too small)"):
        read(edge, contract, tmp_path / "one.csv", f"a,v\nx,{text}\n")


def test_number_of_a_list_is_read_from_a_cell(edge: Any, tmp_path: Path) -> None:
    contract = create_model("Side", __base__=edge.Contract, side=(Literal[1, 2], ...), a=(int, ...))
    assert read(edge, contract, tmp_path / "s.csv", "side,a\n2,5\n")[0].side == 2


@pytest.mark.parametrize("cells", ['"2",', "2,", "2,x"])
def test_number_of_a_list_is_read_beside_any_cell(edge: Any, tmp_path: Path, cells: str) -> None:
    fields: Any = {"side": (Literal[1, 2] | None, ...), "note": (str | None, ...)}
    contract = create_model("Side", __base__=edge.Contract, **fields)
    assert read(edge, contract, tmp_path / "s.csv", f"side,note\n{cells}\n")[0].side == 2


def test_schema_of_a_guarded_field_is_that_of_its_type(edge: Any) -> None:
    contract = create_model("One", __base__=edge.Contract, v=(datetime, ...))
    schema = contract.model_json_schema()["properties"]["v"]
    assert schema == {"format": "date-time", "title": "V", "type": "string"}
