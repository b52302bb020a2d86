"""The commands of the registry: list models, compare them on the same data, promote, roll back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import friendly_errors

if TYPE_CHECKING:
    from ..tracking.port import Tracker, Version
    from .declaration import Tracking

app = typer.Typer(help="List, compare, promote and roll back models.", no_args_is_help=True)

Env = Annotated[
    str | None, typer.Option("--env", "-e", help="Directory of conf/ that overrides conf/base.")
]
Pipeline = Annotated[
    str, typer.Option("--pipeline", "-p", help="Name of the pipeline that solves the problem.")
]
DEFAULT = "__default__"
Name = Annotated[str, typer.Argument(help="Number, alias or run of a version.")]


@app.command("list")
def show(env: Env = None, pipeline: Pipeline = DEFAULT) -> None:
    """List the versions of the model, the newest first."""
    with registry(env, pipeline) as (tracker, tracking):
        versions = tracker.versions(tracking.model)
        if not versions:
            typer.echo(f"no version of {tracking.model}: `train` registers one")
        for line in rows(versions):
            typer.echo(line)


@app.command()
def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Versions (default: champion and challenger)."),
    ] = None,
    promote: Annotated[
        bool, typer.Option("--promote", help="Promote the best one if it is not champion.")
    ] = False,
    env: Env = None,
    pipeline: Pipeline = DEFAULT,
) -> None:
    """Evaluate versions on the data that conf/ declares now."""
    with registry(env, pipeline) as (tracker, tracking):
        from .comparing import compare as evaluate

        for line in evaluate(
            *(Path.cwd(), env, tracker, tracking, names or []), pipeline=pipeline, promote=promote
        ):
            typer.echo(line)


@app.command("promote")
def promote_version(name: Name, env: Env = None, pipeline: Pipeline = DEFAULT) -> None:
    """Make a version champion."""
    with registry(env, pipeline) as (tracker, tracking):
        from ..tracking import registry as rules

        typer.echo(rules.promote(tracker, tracking.model, tracking.alias, name))


@app.command()
def rollback(env: Env = None, pipeline: Pipeline = DEFAULT) -> None:
    """Make the version champion that was champion before."""
    with registry(env, pipeline) as (tracker, tracking):
        from ..tracking import registry as rules

        typer.echo(rules.rollback(tracker, tracking.model, tracking.alias))


@contextmanager
def registry(env: str | None, pipeline: str) -> Iterator[tuple["Tracker", "Tracking"]]:
    """Yield the tracker and the names of model and alias that `conf/` declares."""
    with friendly_errors():
        from . import configuration

        parameters = configuration.read(Path.cwd(), env, training=False)
        name = configuration.problem(Path.cwd(), env, pipeline).name
        tracking = parameters.tracking
        if name is not None:
            tracking = tracking.model_copy(update={"model": name})
        yield configuration.tracker(parameters, Path.cwd()), tracking


def rows(versions: list["Version"]) -> Iterator[str]:
    """Yield a table of versions."""
    yield f"{'version':>7}  {'started':16}  {'value':24}  {'data':8}  {'run':32}  aliases"
    for each in versions:
        value = "unknown" if each.value is None else f"{each.metric} {each.value:.6f}"
        yield (
            f"{each.number:>7}  {each.started:%Y-%m-%d %H:%M}  {value:24}  {each.data[:8]:8}  "
            f"{each.run:32}  {', '.join(each.aliases)}"
        ).rstrip()
