"""The command line. Slow imports are inside the command that needs them, so that `--help` is fast."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
{%= if cookiecutter.ml_pipeline %}
from .pipeline import commands
{%= endif %}
if TYPE_CHECKING:
    from .edge import Contract, Limits

DEFAULT = "Reading"  # contract of the rows, unless another is named
app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
{%=- if cookiecutter.ml_pipeline %}
app.add_typer(commands.app)
{%=- endif %}


@app.callback()
def main() -> None:
    """Validate readings: time-stamped measurements from named sources."""


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or JSON Lines file, or -.")],
    contract: Annotated[str, typer.Option(help="Contract of the rows.")] = DEFAULT,
    output: Annotated[Path | None, typer.Option(help="Write the valid rows here.")] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the invalid rows here (default: next to FILE).")
    ] = None,
) -> None:
    """Validate every row and print a summary. Fail if a row is invalid."""
    from .edge import EdgeError, Load, is_same_file, saving

    name = "stdin" if str(file) == "-" else file.name
    rejects = rejects or file.with_name(f"{name}.rejects.jsonl")
    is_piped = str(output) in {"-", "/dev/stdout"}  # the rows are printed, and nothing else
    counts: Counter[str] = Counter()
    with friendly_errors():
        model = contract_of(contract)
        groups = [name for name in model.table.key if name != model.table.ordered]
        if output and (is_same_file(output, file) or is_same_file(output, rejects)):
            raise EdgeError(f"{output}: the output must not be the input or the rejects file")
        load = Load(file, model, rejects=rejects, limits=limits())
        with saving(output, model) if output else nullcontext() as write:
            for record in load:
                if groups:
                    counts[" ".join(str(getattr(record, name)) for name in groups)] += 1
                if write:
                    write(record)
    for group, count in sorted(counts.items()):
        typer.echo(f"{group:<24} {count:>8}", err=is_piped)
    typer.echo(f"{load.read} rows: {load.accepted} valid, {load.rejected} invalid", err=is_piped)
    if load.rejected:
        typer.echo(f"error: {file} has invalid rows; see {rejects}", err=True)
        raise typer.Exit(1)


@app.command()
def collect(
    url: Annotated[str, typer.Argument(help="URL of a CSV file of readings.")],
    store: Annotated[Path, typer.Option(help="Directory for collected files.")] = Path("store"),
) -> None:
    """Fetch readings; store and publish them if every row is valid."""
    from .collect import collect as collect_readings
    from .ports import DirectoryStore, OutboxPublisher, SystemClock, WebHttp

    with friendly_errors():
        batch = collect_readings(
            url,
            http=WebHttp(),
            clock=SystemClock(),
            store=DirectoryStore(store),
            publisher=OutboxPublisher(store / "outbox"),
        )
    typer.echo(f"{batch.rows} readings in {store / batch.name}")


def contract_of(name: str) -> "type[Contract]":
    """Return the contract of a name; raise EdgeError if there is none."""
    from . import schemas
    from .edge import EdgeError

    if name not in schemas.__all__:
        raise EdgeError(f"no contract {name!r}; there are {', '.join(schemas.__all__)}")
    found: type[Contract] = getattr(schemas, name)
    return found


def limits() -> "Limits":
    """Read the limits from the environment."""
    from .edge import EdgeError, Limits, explain
    from .settings import Settings

    try:
        settings = Settings()
    except ValueError as error:
        problems = "; ".join(f"APP_{each.column.upper()} {each.reason}" for each in explain(error))
        raise EdgeError(f"settings from the environment or .env: {problems}") from error
    return Limits(rejects=settings.max_rejects, share=settings.max_reject_share)


@contextmanager
def friendly_errors() -> Iterator[None]:
    """Turn an expected error into one line and exit code 1."""
    from .edge import EdgeError

    try:
        yield
    except (EdgeError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
