"""The command line."""

import csv
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from .edge import Accepted, EdgeError, read_csv
from .schemas import Reading

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """Check readings: time-stamped measurements from named sources."""


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="CSV file with the columns time, source, value.")],
    output: Annotated[Path | None, typer.Option(help="Write the good rows here.")] = None,
) -> None:
    """Check every row, print a summary and fail if a row is bad."""
    try:
        results = list(read_csv(file, Reading))
    except EdgeError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error

    good = [result.model for result in results if isinstance(result, Accepted)]
    bad = [result for result in results if not isinstance(result, Accepted)]
    for reject in bad:
        typer.echo(f"{file}:{reject.line}: {reject.reason}", err=True)
    if output is not None:
        write(output, good)
    counts = Counter(reading.source for reading in good)
    for source, count in sorted(counts.items()):
        typer.echo(f"{source:<24} {count:>8}")
    typer.echo(f"{len(results)} rows: {len(good)} good, {len(bad)} bad")
    if bad:
        raise typer.Exit(1)


def write(path: Path, readings: list[Reading]) -> None:
    """Write readings as CSV, with a header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(Reading.model_fields))
        writer.writeheader()
        writer.writerows(reading.model_dump(mode="json") for reading in readings)
