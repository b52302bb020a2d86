"""The commands of the registry: list models, compare them on the same data, promote, roll back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import friendly_errors

if TYPE_CHECKING:
    from ..tracking.port import Tracker, Version

app = typer.Typer(help="List, compare, promote and roll back models.", no_args_is_help=True)

Env = Annotated[
    str | None, typer.Option("--env", "-e", help="Directory of conf/ that overrides conf/base.")
]
Pipeline = Annotated[
    str, typer.Option("--pipeline", "-p", help="Name of the pipeline that trains the model.")
]
DEFAULT = "__default__"
Name = Annotated[str, typer.Argument(help="Number, alias or run of a version.")]


@app.command("list")
def show(env: Env = None, pipeline: Pipeline = DEFAULT) -> None:
    """List the versions of the model, the newest first."""
    with registered(env, pipeline) as (tracker, model, _):
        versions = tracker.versions(model)
        if not versions:
            typer.echo(f"no version of {model}: `train` registers one")
            return
        for line in rows(versions):
            typer.echo(line)


@app.command()
def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Versions (default: champion and challenger)."),
    ] = None,
    promote: Annotated[bool, typer.Option("--promote", help="Make the best one champion.")] = False,
    env: Env = None,
    pipeline: Pipeline = DEFAULT,
) -> None:
    """Evaluate versions on the data that conf/ declares now."""
    with friendly_errors():
        from .comparing import compare as evaluate  # slow import

        lines = evaluate(Path.cwd(), env, names or [], pipeline=pipeline, promote=promote)
        for line in lines:
            typer.echo(line)


@app.command("promote")
def promote_version(name: Name, env: Env = None, pipeline: Pipeline = DEFAULT) -> None:
    """Make a version champion."""
    with registered(env, pipeline) as (tracker, model, alias):
        from ..tracking import registry

        typer.echo(registry.promote(tracker, model, alias, name))


@app.command()
def rollback(env: Env = None, pipeline: Pipeline = DEFAULT) -> None:
    """Make the version champion that was champion before."""
    with registered(env, pipeline) as (tracker, model, alias):
        from ..tracking import registry

        typer.echo(registry.rollback(tracker, model, alias))


@contextmanager
def registered(env: str | None, pipeline: str) -> Iterator[tuple["Tracker", str, str]]:
    """Yield the tracker, the name of the model and the alias that `conf/` declares."""
    with friendly_errors():
        from . import configuration

        parameters = configuration.read(Path.cwd(), env, training=False)
        tracking = parameters.tracking
        model = configuration.problem(Path.cwd(), env, pipeline).name or tracking.model
        yield configuration.tracker(parameters, Path.cwd()), model, tracking.alias


def rows(versions: list["Version"]) -> Iterator[str]:
    """Yield a table of versions."""
    yield f"{'version':>7}  {'started':16}  {'value':24}  {'data':8}  {'run':32}  aliases"
    for each in versions:
        value = "unknown" if each.value is None else f"{each.metric} {each.value:.6f}"
        yield (
            f"{each.number:>7}  {each.started:%Y-%m-%d %H:%M}  {value:24}  {each.data[:8]:8}  "
            f"{each.run:32}  {', '.join(each.aliases)}"
        ).rstrip()
