"""The data: readings from where the configuration says."""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from .. import parameters as stated

STEP = 15  # minutes between two readings of a source
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
# As the shipped file has them: unit, level, swing of a day, noise.
SOURCES = {
    "boiler-1": ("celsius", 61.0, 2.45, 0.25),
    "eth0.packets": ("packets", 1813.0, 598.0, 55.0),
    "spot.price": ("euro", 84.25, 5.9, 0.55),
}


def read(data: stated.Data) -> pl.DataFrame:
    """Get the readings.

    Returns:
        A table of readings, ordered by time and source; its contract is checked when it is kept.

    Raises:
        OSError: There is no such file.
    """
    source = data.source
    frame = made(source) if isinstance(source, stated.SeededReadings) else from_file(source)
    return frame.sort("time", "source")


def from_file(source: stated.FileReadings) -> pl.DataFrame:
    """Read a CSV file of readings."""
    frame = pl.read_csv(source.path, schema_overrides={"time": pl.String, "value": pl.Float64})
    return frame.with_columns(pl.col("time").str.to_datetime("%+", time_unit="us", time_zone="UTC"))


def made(source: stated.SeededReadings) -> pl.DataFrame:
    """Make readings: for each source a level, the swing of a day, and noise."""
    chance = np.random.default_rng(source.seed)
    count = source.days * 24 * 60 // STEP
    times = pl.Series(
        "time", np.arange(count) * STEP * 60_000_000 + int(START.timestamp() * 1e6)
    ).cast(pl.Datetime("us", "UTC"))
    phase = 2 * np.pi * np.arange(count) * STEP / (24 * 60)
    tables = []
    for name, (unit, level, swing, noise) in SOURCES.items():
        values = level + swing * np.sin(phase) + chance.normal(0, noise, count)
        tables.append(
            pl.DataFrame({"time": times, "value": values.round(2)}).select(
                "time", pl.lit(name).alias("source"), pl.lit(unit).alias("unit"), "value"
            )
        )
    return pl.concat(tables)
