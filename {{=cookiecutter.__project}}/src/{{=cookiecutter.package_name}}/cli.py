"""The command line."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from .collect import collect as collect_readings
from .edge import EdgeError, Limits, Load, saving
{%= if cookiecutter.ml_pipeline -%}
from .pipeline import commands
{%= endif -%}
from .schemas import Reading
from .seams import DirectoryStore, OutboxPublisher, SystemClock, WebHttp

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
{%=- if cookiecutter.ml_pipeline %}
app.add_typer(commands.app)
{%=- endif %}


@app.callback()
def main() -> None:
    """Check readings: time-stamped measurements from named sources."""


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or JSON Lines file of readings.")],
    output: Annotated[Path | None, typer.Option(help="Write the good rows here.")] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the bad rows here; by default beside the file.")
    ] = None,
) -> None:
    """Check every row, print a summary and fail if a row is bad."""
    rejects = rejects or file.with_suffix(".rejects.jsonl")
    counts: Counter[str] = Counter()
    with explained():
        load = Load(file, Reading, rejects=rejects, limits=limits())
        with saving(output, Reading) if output else nullcontext() as write:
            for reading in load:
                counts[reading.source] += 1
                if write:
                    write(reading)
    for source, count in sorted(counts.items()):
        typer.echo(f"{source:<24} {count:>8}")
    typer.echo(f"{load.read} rows: {load.accepted} good, {load.rejected} bad")
    if load.rejected:
        typer.echo(f"error: {file} has bad rows; {rejects} says what is wrong", err=True)
        raise typer.Exit(1)


@app.command()
def collect(
    url: Annotated[str, typer.Argument(help="Address of a CSV file of readings.")],
    store: Annotated[Path, typer.Option(help="Directory for what is collected.")] = Path("store"),
) -> None:
    """Fetch readings; keep and announce them if every row is good."""
    with explained():
        batch = collect_readings(
            url,
            http=WebHttp(),
            clock=SystemClock(),
            store=DirectoryStore(store),
            publisher=OutboxPublisher(store / "outbox"),
        )
    typer.echo(f"{batch.rows} readings in {store / batch.name}")


def limits() -> Limits:
    """Read the limits from the environment."""
    from .settings import Settings  # noqa: PLC0415 (`--help` does without it)

    settings = Settings()
    return Limits(rejects=settings.max_rejects, share=settings.max_reject_share)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what went wrong into one line and exit code 1."""
    try:
        yield
    except (EdgeError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
