"""Load readings from the configured source."""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from ...edge import EdgeError
from .. import parameters as declared

STEP = 15  # minutes between two readings of a source
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
# As in the sample file: unit, mean, daily amplitude, noise.
SOURCES = {
    "boiler-1": ("celsius", 61.0, 2.45, 0.25),
    "eth0.packets": ("packets", 1813.0, 598.0, 55.0),
    "spot.price": ("euro", 84.25, 5.9, 0.55),
}


def read(data: declared.Data) -> pl.DataFrame:
    """Read or generate the readings.

    Returns:
        A table of readings, ordered by time and source; the catalog validates it on save.

    Raises:
        OSError: The file does not exist.
    """
    source = data.source
    frame = generate(source) if isinstance(source, declared.SeededReadings) else from_file(source)
    return frame.sort("time", "source")


def from_file(source: declared.FileReadings) -> pl.DataFrame:
    """Read a CSV file of readings.

    Raises:
        EdgeError: The file is empty or no CSV file, or a time is missing or has no time zone.
    """
    path, types = source.path, {"time": pl.String, "value": pl.Float64}
    try:
        frame = pl.read_csv(path, schema_overrides=types)
    except pl.exceptions.NoDataError:
        raise EdgeError(f"{path} is empty") from None
    except pl.exceptions.PolarsError as error:
        raise EdgeError(f"{path}: {str(error).splitlines()[0]}") from error
    if "time" not in frame.columns:
        raise EdgeError(f"{path}: time is missing; its columns are {frame.columns}")
    times = frame["time"].str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    if times.null_count():
        row = int(times.is_null().arg_max() or 0)
        raise EdgeError(
            f"{path}: row {row + 1}: time must be a date and time with a time zone, "
            f"such as 2026-01-05T08:00:00Z, not {frame['time'][row]!r}"
        )
    return frame.with_columns(times)


def generate(source: declared.SeededReadings) -> pl.DataFrame:
    """Generate readings: for each source a mean, a daily cycle and noise."""
    random = np.random.default_rng(source.seed)
    count = source.days * 24 * 60 // STEP
    times = pl.Series(
        "time", np.arange(count) * STEP * 60_000_000 + int(START.timestamp() * 1e6)
    ).cast(pl.Datetime("us", "UTC"))
    phase = 2 * np.pi * np.arange(count) * STEP / (24 * 60)
    tables = []
    for name, (unit, mean, amplitude, noise) in SOURCES.items():
        values = mean + amplitude * np.sin(phase) + random.normal(0, noise, count)
        tables.append(
            pl.DataFrame({"time": times, "value": values.round(2)}).select(
                "time", pl.lit(name).alias("source"), pl.lit(unit).alias("unit"), "value"
            )
        )
    return pl.concat(tables)
