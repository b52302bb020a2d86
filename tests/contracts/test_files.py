"""Files of the edge: nothing of the user's is replaced, and what is saved reads back equal."""

import importlib
import json
import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, ClassVar
from uuid import UUID

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    computed_field,
    create_model,
    field_validator,
)
from typer.testing import CliRunner

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - files in memory
HEADER = "time,source,unit,value"
GOOD = "2026-01-05T08:00:00Z,boiler-1,celsius,61.0"
BAD = "2026-01-05T10:00:00Z,boiler-1,celsius,nan"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a valid and an invalid row."""
    path = tmp_path / "readings.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n{BAD}\n", encoding="utf-8")
    return path


@pytest.fixture
def validate(package: str) -> Callable[..., Result]:
    """The project's own command."""
    app = importlib.import_module(f"{package}.cli").app
    return lambda *words: CliRunner().invoke(app, ["validate", *map(str, words)])


class TestIdentity:
    def test_output_is_not_the_input(self, validate: Callable[..., Result], file: Path) -> None:
        validate(file, "--output", file)
        assert BAD in file.read_text(encoding="utf-8")

    def test_output_is_not_a_link_to_the_input(
        self, validate: Callable[..., Result], file: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "link.csv").symlink_to(file)
        assert "must not be the input" in validate(file, "--output", tmp_path / "link.csv").output

    def test_output_is_not_the_rejects_file(
        self, validate: Callable[..., Result], file: Path, tmp_path: Path
    ) -> None:
        same = tmp_path / "x.jsonl"
        assert "must not be" in validate(file, "--output", same, "--rejects", same).output

    def test_two_types_of_one_name_have_their_own_rejects(
        self, validate: Callable[..., Result], file: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "readings.jsonl").write_text("{}\n", encoding="utf-8")
        validate(tmp_path / "readings.jsonl")
        validate(file)
        assert len(list(tmp_path.glob("*.rejects.jsonl"))) == 2


class TestReplaced:
    def test_file_of_the_user_is_not_taken_for_rejects(
        self, edge: Any, reading: Any, file: Path, tmp_path: Path
    ) -> None:
        own = tmp_path / "own.jsonl"
        own.write_text('{"mine": 1}\n', encoding="utf-8")
        with pytest.raises(edge.EdgeError, match="not a file of rejects"):
            list(edge.Load(file, reading, rejects=own))

    def test_output_of_something_else_is_kept(
        self, edge: Any, reading: Any, tmp_path: Path
    ) -> None:
        own = tmp_path / "own.csv"
        own.write_text("mine\n", encoding="utf-8")
        with pytest.raises(edge.EdgeError, match="not written from this contract"):
            edge.saving(own, reading).__enter__()

    @pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="only Linux has it; use a container")
    def test_file_in_shared_memory_is_no_device(self, edge: Any, reading: Any) -> None:
        with TemporaryDirectory(dir=SHARED_MEMORY) as directory:
            own = Path(directory, "own.csv")
            own.write_text("mine\n", encoding="utf-8")
            with suppress(edge.EdgeError), edge.saving(own, reading):
                pass
            assert own.read_text(encoding="utf-8") == "mine\n"

    def test_output_that_cannot_be_read_is_named(
        self, edge: Any, reading: Any, tmp_path: Path
    ) -> None:
        own = tmp_path / "own.csv"
        own.write_bytes("mine".encode("utf-16"))
        with pytest.raises(edge.EdgeError, match=r"own\.csv: it exists and cannot be read: UTF-16"):
            edge.saving(own, reading).__enter__()

    def test_old_rejects_go_when_the_input_is_missing(
        self, edge: Any, reading: Any, file: Path, tmp_path: Path
    ) -> None:
        rejects = tmp_path / "r.jsonl"
        list(edge.Load(file, reading, rejects=rejects))
        file.unlink()
        with pytest.raises(edge.EdgeError, match="No such file"):
            list(edge.Load(file, reading, rejects=rejects))
        assert not rejects.exists()

    def test_link_stays_a_link(self, edge: Any, reading: Any, file: Path, tmp_path: Path) -> None:
        link = tmp_path / "link.jsonl"
        link.symlink_to(tmp_path / "target.jsonl")
        list(edge.Load(file, reading, rejects=link))
        list(edge.Load(file, reading, rejects=link))  # replaces the rejects of the first
        assert link.is_symlink()

    def test_pipe_is_written_to(self, edge: Any, reading: Any, file: Path, tmp_path: Path) -> None:
        pipe, got = tmp_path / "pipe.jsonl", []
        os.mkfifo(pipe)
        reader = threading.Thread(target=lambda: got.append(pipe.read_text(encoding="utf-8")))
        reader.start()
        list(edge.Load(file, reading, rejects=pipe))
        reader.join(timeout=30)
        assert json.loads(got[0])["row"] == 3


class TestStreams:
    def test_pipe_is_opened_once(self, edge: Any, reading: Any, file: Path, tmp_path: Path) -> None:
        pipe, content = tmp_path / "pipe", file.read_bytes().replace(BAD.encode() + b"\n", b"")
        os.mkfifo(pipe)
        writer = threading.Thread(target=lambda: pipe.write_bytes(content))
        writer.start()
        found = list(edge.Load(pipe, reading))
        writer.join(timeout=30)
        assert len(found) == 1

    def test_json_of_a_pipe_is_utf_8_whatever_the_dialect(self, edge: Any, tmp_path: Path) -> None:
        contract = create_model("One", __base__=edge.Contract, v=(str, ...))
        contract.dialect = edge.Dialect(encoding="cp1252")
        os.mkfifo(pipe := tmp_path / "pipe")
        writer = threading.Thread(target=lambda: pipe.write_bytes('{"v": "\u00e9"}'.encode()))
        writer.start()
        found = [each.v for each in edge.Load(pipe, contract)]
        writer.join(timeout=30)
        assert found == ["\u00e9"]

    @pytest.mark.parametrize("name", ["x.parquet", "x.json", "x"])
    def test_unknown_file_type_is_refused(
        self, edge: Any, reading: Any, tmp_path: Path, name: str
    ) -> None:
        with pytest.raises(edge.EdgeError, match="must end in"):
            edge.saving(tmp_path / name, reading).__enter__()

    def test_other_separator_is_named(self, edge: Any, reading: Any, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        path.write_text(HEADER.replace(",", ";") + "\n", encoding="utf-8")
        with pytest.raises(edge.EdgeError, match="separated by semicolons"):
            list(edge.Load(path, reading))


TYPES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    str | None: st.none() | st.sampled_from(["", "a", '"', "\r\n", ",", "\n", " "]),
    int: st.integers(),
    int | None: st.none() | st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False, places=3),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.none() | st.just(UTC)),
    timedelta: st.timedeltas(timedelta(-9), timedelta(9)),
    UUID: st.uuids(),
    IPv4Address: st.ip_addresses(v=4),
}


@pytest.mark.parametrize("name", ["saved.csv", "saved.jsonl"])
@given(data=st.data())
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_is_saved_reads_back_equal(
    edge: Any, tmp_path: Path, name: str, data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(list(TYPES)), min_size=2, max_size=4))
    fields: Any = {f"f{number}": (each, ...) for number, each in enumerate(chosen)}
    contract = create_model("Random", __base__=edge.Contract, **fields)
    record = contract(**{f"f{n}": data.draw(TYPES[each]) for n, each in enumerate(chosen)})
    (tmp_path / name).unlink(missing_ok=True)
    with edge.saving(tmp_path / name, contract) as write:
        write(record)
    assert list(edge.Load(tmp_path / name, contract)) == [record]


@pytest.mark.parametrize("name", ["saved.csv", "saved.jsonl"])
def test_aliases_and_computed_fields_read_back(edge: Any, tmp_path: Path, name: str) -> None:
    class Bar(edge.Contract):  # type: ignore[misc]
        price: float = Field(alias="p")

        @computed_field  # type: ignore[prop-decorator]
        @property
        def double(self) -> float:
            return float(self.price * 2)

    with edge.saving(tmp_path / name, Bar) as write:
        write(Bar(p=1.5))
    assert [each.price for each in edge.Load(tmp_path / name, Bar)] == [1.5]


@pytest.mark.parametrize("name", ["saved.csv", "saved.jsonl"])
@pytest.mark.parametrize(
    "names",
    [{"validation_alias": AliasChoices("p", "q")}, {"serialization_alias": "out"}],
    ids=["read by one of two names", "written by another name"],
)
def test_field_is_saved_by_the_name_that_is_read(
    edge: Any, tmp_path: Path, name: str, names: dict[str, Any]
) -> None:
    contract = create_model("One", __base__=edge.Contract, price=(float, Field(**names)))
    record = contract(**{"p" if "validation_alias" in names else "price": 1.5})
    with edge.saving(tmp_path / name, contract) as write:
        write(record)
    assert list(edge.Load(tmp_path / name, contract)) == [record]


def test_secret_is_not_saved_as_asterisks(edge: Any, tmp_path: Path) -> None:
    contract = create_model("Card", __base__=edge.Contract, pin=(SecretStr, ...))
    with (
        pytest.raises(edge.EdgeError, match="a secret is not written"),
        edge.saving(tmp_path / "cards.csv", contract) as write,
    ):
        write(contract(pin="1234"))


def test_nan_reads_back(edge: Any, tmp_path: Path) -> None:
    type_ = Annotated[float, Field(allow_inf_nan=True)]
    contract = create_model("Row", __base__=edge.Contract, value=(type_, ...))
    with edge.saving(tmp_path / "rows.csv", contract) as write:
        write(contract(value=float("nan")))
    assert (tmp_path / "rows.csv").read_text() == "value\nnan\n"


def test_blank_text_alone_in_its_row_reads_back(edge: Any, tmp_path: Path) -> None:
    contract = create_model("One", __base__=edge.Contract, v=(str, ...))
    with edge.saving(tmp_path / "one.csv", contract) as write:
        write(contract(v=" "))
    assert next(iter(edge.Load(tmp_path / "one.csv", contract))).v == " "


@pytest.mark.parametrize("error", [ConnectionResetError("peer"), FileNotFoundError("x")])
def test_error_of_the_caller_is_not_one_of_writing(
    edge: Any, reading: Any, tmp_path: Path, error: OSError
) -> None:
    with pytest.raises(type(error)), edge.saving(tmp_path / "r.csv", reading):
        raise error


def test_what_cannot_be_serialized_is_refused(edge: Any, tmp_path: Path) -> None:
    contract = create_model("One", __base__=edge.Contract, v=(Iterable[int], ...))
    with (
        pytest.raises(edge.EdgeError, match="cannot be written"),
        edge.saving(tmp_path / "one.jsonl", contract) as write,
    ):
        write(contract(v=["a"]))


DEFAULTS: list[tuple[Any, Any]] = [
    (Decimal, Decimal("1.5")),
    (date, date(2026, 1, 5)),
    (datetime, datetime(2026, 1, 5, tzinfo=UTC)),
    (timedelta, timedelta(days=1)),
    (complex, 1j),
    (list[Decimal], [Decimal(1)]),
    (dict[str, date], {"a": date(2026, 1, 5)}),
]


@pytest.mark.parametrize(("annotation", "default"), DEFAULTS)
def test_default_is_valid_in_a_document(edge: Any, annotation: Any, default: object) -> None:
    contract = create_model("One", __base__=edge.Contract, v=(annotation, default))
    assert contract.model_validate_json("{}").v == default


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (list[int], [1], "nested value"),
        (int | None, None, "cannot be read back"),
        (str, "a\0", "cannot be read back"),
        (str, "\n" * 200, "write JSON Lines"),
    ],
)
def test_what_csv_cannot_hold_is_refused(
    edge: Any, tmp_path: Path, annotation: Any, value: object, message: str
) -> None:
    contract = create_model("One", __base__=edge.Contract, v=(annotation, ...))
    with (
        pytest.raises(edge.EdgeError, match=message),
        edge.saving(tmp_path / "one.csv", contract) as write,
    ):
        write(contract(v=value))


GUESSES: list[tuple[Any, str]] = [
    (int, "1_000"),
    (int, "1.0"),
    (int, " 12 "),
    (float, "1_000.5"),
    (float, " 1.5"),
    (bool, "yes"),
    (bool, "on"),
    (date, "0"),
    (datetime, "1767600000"),
]


@pytest.mark.parametrize(("annotation", "text"), GUESSES)
def test_value_is_not_guessed(edge: Any, tmp_path: Path, annotation: Any, text: str) -> None:
    contract = create_model("One", __base__=edge.Contract, a=(str, ...), v=(annotation, ...))
    (tmp_path / "one.csv").write_text(f"a,v\nx,{text}\n", encoding="utf-8")
    with pytest.raises(edge.EdgeError, match="row 2: v must be"):
        list(edge.Load(tmp_path / "one.csv", contract))


def test_digits_in_json_are_no_time(edge: Any, reading: Any, tmp_path: Path) -> None:
    row = '{"time": "1767600000", "source": "a", "unit": "euro", "value": 1.5}'
    (tmp_path / "r.jsonl").write_text(row, encoding="utf-8")
    with pytest.raises(edge.EdgeError, match="time must be an ISO 8601 date and time"):
        list(edge.Load(tmp_path / "r.jsonl", reading))


def test_field_may_allow_what_pydantic_reads(edge: Any, tmp_path: Path) -> None:
    field = (int, Field(strict=False))
    contract = create_model("One", __base__=edge.Contract, a=(str, ...), v=field)
    (tmp_path / "one.csv").write_text("a,v\nx,1_000\n", encoding="utf-8")
    assert next(iter(edge.Load(tmp_path / "one.csv", contract))).v == 1000


class TestErrors:
    @pytest.mark.parametrize("error", [KeyError, ZeroDivisionError, TypeError])
    @pytest.mark.parametrize("name", ["r.csv", "r.jsonl"])
    def test_any_error_of_a_validator_rejects_its_row(
        self, edge: Any, tmp_path: Path, error: type[Exception], name: str
    ) -> None:
        class Strange(edge.Contract):  # type: ignore[misc]
            a: int
            b: int

            @field_validator("a")
            @classmethod
            def fail(cls, value: int) -> int:
                if value == 1:
                    raise error("x")
                return value

        rows = {"r.csv": "a,b\n1,2\n3,4\n", "r.jsonl": '{"a":1,"b":2}\n{"a":3,"b":4}\n'}
        (tmp_path / name).write_text(rows[name], encoding="utf-8")
        load = edge.Load(tmp_path / name, Strange, rejects=tmp_path / "rejects.jsonl")
        assert [each.a for each in load] == [3]

    def test_values_without_order_reject_their_row(self, edge: Any, tmp_path: Path) -> None:
        class Mixed(edge.Contract):  # type: ignore[misc]
            table: ClassVar = edge.TableRules(ordered="at")
            at: datetime

        (tmp_path / "m.csv").write_text(
            "at\n2026-01-01T00:00:00\n2026-01-02T00:00:00Z\n", encoding="utf-8"
        )
        load = edge.Load(tmp_path / "m.csv", Mixed, rejects=tmp_path / "rejects.jsonl")
        assert len(list(load)) == 1

    def test_bytes_that_are_no_text_are_escaped_in_rejects(
        self, edge: Any, reading: Any, file: Path, tmp_path: Path
    ) -> None:
        file.write_bytes(file.read_bytes() + b"caf\xe9\n")
        list(edge.Load(file, reading, rejects=tmp_path / "r.jsonl"))
        last = (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()[-1]
        assert json.loads(last)["text"] == "caf\\xe9\n"

    @pytest.mark.parametrize("value", ["abc", "", "-1"])
    def test_setting_that_is_invalid_is_explained(
        self,
        validate: Callable[..., Result],
        file: Path,
        monkeypatch: pytest.MonkeyPatch,
        value: str,
    ) -> None:
        monkeypatch.setenv("APP_MAX_REJECTS", value)
        assert "APP_MAX_REJECTS must be" in validate(file).output

    @pytest.mark.parametrize(
        "url", ["http://exa mple.com/", "http://[::1", "http://localhost:port/", "http://a..b/"]
    )
    def test_address_that_is_no_url_is_an_os_error(self, package: str, url: str) -> None:
        ports = importlib.import_module(f"{package}.ports")
        with pytest.raises(OSError, match="http"):
            ports.WebHttp().get(url)


class TestPorts:
    @pytest.fixture
    def ports(self, package: str) -> Any:
        return importlib.import_module(f"{package}.ports")

    @pytest.mark.parametrize("name", ["../evil", "a/b", "..", "", "a\\b", "c:x", ".hidden"])
    def test_name_never_leaves_its_directory(self, ports: Any, tmp_path: Path, name: str) -> None:
        with pytest.raises(OSError, match="not a plain file name"):
            ports.DirectoryStore(tmp_path).write(name, b"")

    def test_topic_never_leaves_its_directory(
        self, ports: Any, reading: Any, tmp_path: Path
    ) -> None:
        with pytest.raises(OSError, match="not a plain file name"):
            ports.OutboxPublisher(tmp_path / "outbox").publish("../../evil", reading)

    def test_names_can_be_read(self, ports: Any, tmp_path: Path) -> None:
        (tmp_path / "outbox").mkdir()
        store = ports.DirectoryStore(tmp_path)
        store.write("a", b"1")
        assert [store.read(name) for name in store.names()] == [b"1"]


def test_hour_that_occurs_twice_stays_itself(package: str) -> None:
    from zoneinfo import ZoneInfo

    utils = importlib.import_module(f"{package}.utils")
    second = datetime(2026, 11, 1, 1, 37, fold=1, tzinfo=ZoneInfo("America/New_York"))
    assert utils.floor_time(second, 15).utcoffset() == second.utcoffset()
