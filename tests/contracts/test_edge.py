"""The edge: formats, limits, table rules, the rejects file."""

import contextlib
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest
from pydantic import Field

HEADER = "time,source,unit,value"
GOOD = "2026-01-05T08:00:00Z,boiler-1,celsius,61.0"
LATER = "2026-01-05T09:00:00Z,boiler-1,celsius,62.0"
BAD = "2026-01-05T10:00:00Z,boiler-1,celsius,nan"
GIGABYTE = 1 << 30


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file."""

    def writer(*lines: str, name: str = "readings.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return writer


def test_good_rows_pass(edge: Any, reading: Any, write: Callable[..., Path]) -> None:
    assert [each.value for each in edge.Load(write(HEADER, GOOD, LATER), reading)] == [61.0, 62.0]


def test_columns_may_be_in_any_order(edge: Any, reading: Any, write: Callable[..., Path]) -> None:
    path = write("value,unit,source,time", "61.0,celsius,boiler-1,2026-01-05T08:00:00Z")
    assert next(iter(edge.Load(path, reading))).value == 61.0


class TestRejects:
    @pytest.fixture
    def rejects(
        self, edge: Any, reading: Any, write: Callable[..., Path], tmp_path: Path
    ) -> list[Any]:
        path = tmp_path / "rejects.jsonl"
        list(edge.Load(write(HEADER, GOOD, BAD, "x,y"), reading, rejects=path))
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def test_row_is_the_line(self, rejects: list[Any]) -> None:
        assert [each["row"] for each in rejects] == [3, 4]

    def test_text_is_kept(self, rejects: list[Any]) -> None:
        assert rejects[0]["text"] == BAD + "\n"

    def test_problem_has_column_value_rule_and_reason(self, rejects: list[Any]) -> None:
        problem = {"column": "value", "value": "'nan'", "rule": "finite_number"}
        assert rejects[0]["problems"] == [problem | {"reason": "must be a finite number"}]

    def test_row_without_columns_is_explained(self, rejects: list[Any]) -> None:
        assert rejects[1]["problems"][0]["reason"] == "has 2 values for 4 columns"


def test_no_rejects_leave_no_file(
    edge: Any, reading: Any, write: Callable[..., Path], tmp_path: Path
) -> None:
    list(edge.Load(write(HEADER, GOOD), reading, rejects=tmp_path / "rejects.jsonl"))
    assert not (tmp_path / "rejects.jsonl").exists()


def test_old_rejects_are_not_mixed_in(
    edge: Any, reading: Any, write: Callable[..., Path], tmp_path: Path
) -> None:
    old = write('{"row": 1, "text": "old"}', name="rejects.jsonl")
    list(edge.Load(write(HEADER, BAD, GOOD), reading, rejects=old))
    assert "old" not in old.read_text(encoding="utf-8")


def test_input_is_never_the_rejects_file(
    edge: Any, reading: Any, write: Callable[..., Path]
) -> None:
    path = write(HEADER, GOOD)
    with pytest.raises(edge.EdgeError, match="must not be the input file"):
        list(edge.Load(path, reading, rejects=path))


def test_first_bad_row_stops_without_rejects(
    edge: Any, reading: Any, write: Callable[..., Path]
) -> None:
    with pytest.raises(edge.TooManyRejectsError, match="row 3: value must be a finite number"):
        list(edge.Load(write(HEADER, GOOD, BAD), reading))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"rejects": 1}, "stopped at row 4: .*2 invalid rows, the limit is 1"),
        ({"share": 0.5}, "3 of 4 rows are invalid, the limit is 50%"),
    ],
)
def test_limit_stops(
    edge: Any,
    reading: Any,
    write: Callable[..., Path],
    tmp_path: Path,
    limits: dict[str, Any],
    message: str,
) -> None:
    path = write(HEADER, GOOD, BAD, BAD, BAD)
    load = edge.Load(path, reading, rejects=tmp_path / "r.jsonl", limits=edge.Limits(**limits))
    with pytest.raises(edge.TooManyRejectsError, match=message):
        list(load)


def test_quoted_line_break_is_one_row(edge: Any, write: Callable[..., Path]) -> None:
    note = type("Note", (edge.Contract,), {"__annotations__": {"a": str, "b": str}})
    path = write("a,b", '"x\ny",z', name="notes.csv")
    assert next(iter(edge.Load(path, note))).a == "x\ny"


def test_quote_left_open_costs_its_line_only(
    edge: Any, reading: Any, write: Callable[..., Path], tmp_path: Path
) -> None:
    path = write(HEADER, GOOD, '2026-01-05T08:30:00Z,"boiler-1,celsius,1', LATER)
    load = edge.Load(path, reading, rejects=tmp_path / "rejects.jsonl")
    assert [each.value for each in load] == [61.0, 62.0]


ROW = '{"time": "2026-01-05T08:00:00Z", "source": "a", "unit": "euro", "value": 1.5}'
LATER_ROW = ROW.replace("T08", "T09").replace("1.5", "2.5")
JSON_FILES = {
    "lines": ("r.jsonl", f"{ROW}\n\n", [1.5]),
    "array": ("r.json", f" [ {ROW} ] \n", [1.5]),
    "array as json.dumps writes it": ("r.json", f"[{ROW}, {LATER_ROW}]", [1.5, 2.5]),
    "array with an item on each line": ("r.json", f"[\n  {ROW},\n\t{LATER_ROW}\n]", [1.5, 2.5]),
}


@pytest.mark.parametrize(("name", "text", "values"), JSON_FILES.values(), ids=JSON_FILES)
def test_json_is_read(
    edge: Any, reading: Any, write: Callable[..., Path], name: str, text: str, values: list[float]
) -> None:
    assert [each.value for each in edge.Load(write(text, name=name), reading)] == values


def test_long_array_is_read_in_pieces(edge: Any, reading: Any, tmp_path: Path) -> None:
    rows = [ROW.replace('"a"', f'"a{number}"') for number in range(5000)]
    (tmp_path / "r.json").write_text(f"[{','.join(rows)}]", encoding="utf-8")
    assert sum(1 for _ in edge.Load(tmp_path / "r.json", reading)) == 5000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a JSON array"),
        ("{}", "not a JSON array"),
        (f"[{ROW}", "after item 1"),
        (f"[{ROW},", "item 2 is not JSON"),
        (f"[{ROW} {ROW}]", "expected ',' or ']' after item 1"),
        (f"[{ROW}] x", "unexpected text after the end of the array"),
        (f"[{ROW},{{]", "item 2 is not JSON"),
        ("[" * 100_000, "nested too deeply|not JSON"),
        ("[" + "1" * 3_000_000, "item 1 is not JSON within"),
        (f"[{ROW},{ROW}]", "row 2: time, source must not occur twice"),
        (f"[{ROW[:-1]},{ROW[1:]}]", "row 1: time is given twice"),
        ("[1]", "row 1: the row must be an object"),
        ("[]", "0 valid rows"),
        ('["\udcff"]', "row 1: "),
    ],
)
def test_bad_array_is_explained(
    edge: Any, reading: Any, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "r.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(edge.EdgeError, match=message):
        list(edge.Load(tmp_path / "r.json", reading))


@pytest.mark.parametrize(
    "text", ["{", "null", "[]", '{"time": 1}', "NaN", "{" * 100_000, '{"a": "\udcff"}', '"\\ud800"']
)
def test_bad_line_is_rejected(edge: Any, reading: Any, tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(f"{ROW}\n{text}\n".encode("utf-8", "surrogateescape"))
    load = edge.Load(path, reading, rejects=tmp_path / "rejects.jsonl")
    list(load)
    assert load.rejected == 1


class GigabyteLine(NamedTuple):
    """The result of a file with one line of a gigabyte."""

    accepted: int
    rejected: int
    peak: int


@pytest.fixture(scope="module")
def gigabyte(edge: Any, reading: Any, tmp_path_factory: pytest.TempPathFactory) -> GigabyteLine:
    """Read a file whose third line has a gigabyte, between two valid lines."""
    directory = tmp_path_factory.mktemp("gigabyte")
    path = directory / "readings.csv"
    with path.open("wb") as file:
        file.write(f"{HEADER}\n{GOOD}\n".encode())
        file.seek(GIGABYTE, 1)  # a hole: it reads as NUL bytes and takes no room
        file.write(f"\n{LATER}\n".encode())
    tracemalloc.start()
    load = edge.Load(path, reading, rejects=directory / "rejects.jsonl")
    accepted = len(list(load))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    path.unlink()
    return GigabyteLine(accepted, load.rejected, peak)


@pytest.mark.slow
def test_line_of_a_gigabyte_is_rejected(gigabyte: GigabyteLine) -> None:
    assert gigabyte.rejected == 1


@pytest.mark.slow
def test_lines_around_a_gigabyte_are_read(gigabyte: GigabyteLine) -> None:
    assert gigabyte.accepted == 2


@pytest.mark.slow
def test_line_of_a_gigabyte_is_not_held_in_memory(gigabyte: GigabyteLine) -> None:
    assert gigabyte.peak < 32 << 20


class TestTableRules:
    @pytest.fixture
    def span(self, edge: Any) -> Any:
        class Span(edge.Contract):  # type: ignore[misc]
            table: ClassVar = edge.TableRules(compare=(("low", "<=", "high"),), most=2)
            low: float = Field(ge=0)
            high: float | None = None

        return Span

    def test_columns_are_compared(self, span: Any) -> None:
        with pytest.raises(ValueError, match="must have low <= high"):
            span(low=2.0, high=1.0)

    def test_null_is_not_compared(self, span: Any) -> None:
        assert span(low=2.0).high is None

    def test_rules_are_exported(self, span: Any) -> None:
        assert span.model_json_schema()["x-table"]["compare"] == [["low", "<=", "high"]]

    def test_most_rows_are_counted(self, edge: Any, span: Any, write: Callable[..., Path]) -> None:
        with pytest.raises(edge.EdgeError, match="3 valid rows; the contract allows at most 2"):
            list(edge.Load(write("low,high", "1,2", "1,2", "1,"), span))

    def test_unknown_encoding_is_refused(self, edge: Any) -> None:
        with pytest.raises(TypeError, match="unknown encoding: latin-99"):
            type("Wrong", (edge.Contract,), {"dialect": edge.Dialect(encoding="latin-99")})

    def test_unknown_column_is_refused(self, edge: Any) -> None:
        with pytest.raises(TypeError, match="has unknown columns or signs"):
            type("Wrong", (edge.Contract,), {"table": edge.TableRules(key=("a",))})


def test_failed_write_leaves_the_old_file(
    edge: Any, reading: Any, write: Callable[..., Path]
) -> None:
    path = write(HEADER, "old")
    with contextlib.suppress(RuntimeError), edge.saving(path, reading):
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == f"{HEADER}\nold\n"
