"""The commands of the pipeline. Everything heavy is imported by the command that needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

Env = Annotated[
    str | None, typer.Option("--env", "-e", help="Directory of conf/ that goes over conf/base.")
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", help="A parameter for this run: training.seed=7.")
]


@app.command()
def train(
    env: Env = None,
    sets: Sets = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only check the configuration.")
    ] = False,
) -> None:
    """Train, judge and register a detector, as conf/ declares it."""
    project = Path.cwd()
    with explained():
        from . import configuration  # noqa: PLC0415

        given = configuration.nested(assignments(sets or []))
        if check:
            configuration.read(project, env, given)
            typer.echo("The configuration is good.")
            return
        from .running import run  # noqa: PLC0415

        outcome = run(project, env, given)
    from .gate import table  # noqa: PLC0415

    typer.echo(table(outcome.board))
    typer.echo(f"run {outcome.run}")
    typer.echo(f"ROC-AUC {outcome.record.metrics['roc_auc']!r}")


@contextmanager
def explained() -> Iterator[None]:
    """Turn what went wrong into a few lines and exit code 1."""
    try:
        yield
    except Exception as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error


def assignments(sets: list[str]) -> dict[str, object]:
    """Read `key=value` pairs; values are YAML."""
    import yaml  # noqa: PLC0415

    pairs = [each.partition("=") for each in sets]
    return {name: yaml.safe_load(value) for name, _, value in pairs}
