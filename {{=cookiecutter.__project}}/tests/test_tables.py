"""Tests of contracts for whole tables and for arrays."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from fixtures.records import Make, MakeTable
from jaxtyping import Float32, Int64
from pydantic import ValidationError

from {{= cookiecutter.package_name }}.edge import EdgeError
from {{= cookiecutter.package_name }}.edge.arrays import ArrayContract
from {{= cookiecutter.package_name }}.edge.tables import check_table, split_table
from {{= cookiecutter.package_name }}.schemas import Reading


@pytest.fixture
def frame(make_table: MakeTable) -> pl.DataFrame:
    """A valid table of readings."""
    rows = [reading.model_dump() for reading in make_table(Reading, 50)]
    return pl.DataFrame(rows, schema_overrides={"time": pl.Datetime("us", "UTC")})


def test_valid_table_passes(frame: pl.DataFrame) -> None:
    assert check_table(frame, Reading) is frame


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (pl.lit(2e5).alias("value"), "value must be at most 100000"),
        (pl.lit(None).cast(pl.Float64).alias("value"), "value must not be null"),
        (pl.lit(float("nan")).alias("value"), "value must be a finite number"),
        (pl.lit("Boiler 1").alias("source"), "source must match"),
        (pl.lit("kelvin").alias("unit"), "unit must be one of"),
        (pl.lit("x").alias("value"), "value must be number, not String"),
        (pl.col("time").dt.replace_time_zone(None), "time must have a time zone"),
        (pl.lit(1).alias("more"), "more is not in the contract"),
        (pl.col("time").reverse(), "time must not be below an earlier row"),
    ],
)
def test_invalid_column_is_explained(frame: pl.DataFrame, damage: pl.Expr, message: str) -> None:
    with pytest.raises(EdgeError, match=message):
        check_table(frame.with_columns(damage), Reading)


@pytest.mark.parametrize(
    ("rows", "message"), [([], "at least 1"), ([0, 0], "time, source must not occur twice")]
)
def test_violated_table_rule_is_explained(
    frame: pl.DataFrame, rows: list[int], message: str
) -> None:
    with pytest.raises(EdgeError, match=message):
        check_table(frame[rows], Reading)


def test_missing_column_is_explained(frame: pl.DataFrame) -> None:
    with pytest.raises(EdgeError, match="unit is missing"):
        check_table(frame.drop("unit"), Reading)


def test_invalid_rows_are_split_off(frame: pl.DataFrame) -> None:
    late = datetime(2030, 1, 1, tzinfo=UTC)
    more = pl.DataFrame(
        {
            "time": [late, late, late - timedelta(days=1)],
            "source": ["a", "a", "b"],
            "unit": ["euro"] * 3,
            "value": [1.0, 1.0, 2e5],
        },
        schema=frame.schema,
    )
    _, invalid = split_table(pl.concat([frame, more]), Reading)
    assert invalid["reasons"].to_list() == [
        ["time, source must not occur twice"],
        ["value must be at most 100000"],
    ]


class Windows(ArrayContract):
    features: Float32[np.ndarray, "batch 28"]
    labels: Int64[np.ndarray, " batch"]


FEATURES = np.zeros((3, 28), np.float32)
LABELS = np.zeros(3, np.int64)


def test_valid_arrays_pass() -> None:
    assert Windows(features=FEATURES, labels=LABELS).features is FEATURES


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (
            np.zeros((28, 3)),
            LABELS,
            r"features\n  must be \(batch, 28\) float32, not \(28, 3\) float64",
        ),
        (FEATURES, LABELS[:2], r"labels\n  must be \(batch\) int64 with sizes as in .* not \(2\)"),
        (FEATURES, [0, 0, 0], r"labels\n  must be \(batch\) int64, not list"),
        (np.full((3, 28), np.nan, np.float32), LABELS, r"must be finite, but is not at \(0, 0\)"),
    ],
)
def test_invalid_array_is_explained(features: object, labels: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Windows.model_validate({"features": features, "labels": labels})


class Nested(ArrayContract):
    one: Float32[np.ndarray, "n k"] | None = None
    many: list[Float32[np.ndarray, "n k"]] = []
    pair: tuple[Float32[np.ndarray, "n k"], Int64[np.ndarray, " n"]] | None = None
    wider: Float32[np.ndarray, "n k+1"] | None = None


ZEROS = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"one": ZEROS * np.nan}, "must be finite"),
        ({"many": [ZEROS, ZEROS * np.nan]}, "must be finite"),
        ({"many": [ZEROS, ZEROS.T]}, r"must be \(n, k\) float32 with sizes as in .* not \(3, 2\)"),
        ({"pair": (ZEROS, np.zeros(3, np.int64))}, r"must be \(n\) int64 with sizes as in"),
        ({"wider": ZEROS}, "needs a size that no field before it has"),
    ],
)
def test_invalid_nested_array_is_explained(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Nested.model_validate(values)


def test_schema_has_the_shape() -> None:
    schema = Windows.model_json_schema()["properties"]["features"]["x-array"]
    assert schema == {"shape": ["batch", "28"], "dtypes": ["float32"]}


def test_example_shares_the_batch(make: Make) -> None:
    arrays = make(Windows)
    assert arrays.features.shape == (len(arrays.labels), 28)
