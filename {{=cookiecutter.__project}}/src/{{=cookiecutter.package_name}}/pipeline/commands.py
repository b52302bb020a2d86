"""The commands of the pipeline. Slow imports are inside the command that needs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..edge import EdgeError
from .errors import ConfigurationError, friendly_errors, message

if TYPE_CHECKING:
    from ..tracking.port import Tracker, Version
    from ..tracking.record import Record

app = typer.Typer()
runs = typer.Typer(help="List and clean up runs that are not in the store.", no_args_is_help=True)
models = typer.Typer(help="List, compare, promote and roll back models.", no_args_is_help=True)

Env = Annotated[
    str | None, typer.Option("--env", "-e", help="Directory of conf/ that overrides conf/base.")
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", help="Set a parameter for this run: training.seed=7.")
]
Pipeline = Annotated[
    str, typer.Option("--pipeline", "-p", help="Name of the pipeline that trains the model.")
]
Name = Annotated[str, typer.Argument(help="Number, alias or run of a version.")]
DEFAULT = "__default__"


class Debug(StrEnum):
    """How to try the steps."""

    batch = "batch"
    rows = "rows"
    profile = "profile"


@app.command()
def train(
    env: Env = None,
    pipeline: Pipeline = DEFAULT,
    sets: Sets = None,
    experiment: Annotated[
        str | None, typer.Option(help="Take the parameters of conf/base/experiments/NAME.yml.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check the configuration and exit.")
    ] = False,
    sweep: Annotated[
        str | None, typer.Option(help="Run every combination of this sweep from conf/.")
    ] = None,
    from_run: Annotated[
        str | None, typer.Option(help="Repeat this run and compare the metrics.")
    ] = None,
    go_on: Annotated[
        str | None, typer.Option("--continue", help="Go on with this run of `runs list`.")
    ] = None,
    debug: Annotated[
        Debug | None, typer.Option(help="Try the steps, untracked, and print what they take.")
    ] = None,
) -> None:
    """Train, evaluate and register a model, as declared in conf/."""
    project = Path.cwd()
    from ..tracking.mlflow_tracker import without_collection
    from .loader import merged, read_once

    with friendly_errors(), read_once():
        from . import assigning, configuration, sweeping

        others = sets or experiment or sweep or check or debug or pipeline != DEFAULT
        if (from_run or go_on) and (others or (from_run and go_on) or (go_on and env)):
            raise EdgeError(
                "--from-run and --continue take pipeline and parameters of a run as they were: "
                "without --pipeline, --set, --experiment, --sweep, --check and --debug "
                "(--continue: and --env)"
            )
        if debug and sweep:
            raise EdgeError("--debug tries one run, not a --sweep")
        chosen = assigning.assigned(sets or [])
        if sweep:
            sweeping.refuse_set_axes(project, env, chosen, sweep)
        if experiment:
            chosen = merged(configuration.experiment(project, env, experiment), chosen)
        given, dropped = assigning.completed(project, env, chosen)
        for line in dropped:
            typer.echo(line, err=True)
        if check:
            configuration.read(project, env, given)
            configuration.problem(project, env, pipeline)
            if sweep:
                sweeping.check(project, env, given, sweep)
            typer.echo("The configuration is valid.")
            return
        with without_collection():
            from . import debugging, running

        if debug:
            lines = debugging.run(project, env, given, pipeline, debug.value)
        elif go_on:
            lines = running.go_on(project, go_on)
        elif from_run:
            lines = running.repeat(project, env, from_run)
        elif sweep:
            lines = sweeping.sweep(project, env, given, sweep, pipeline, experiment)
        else:
            lines = running.train(project, env, given, pipeline, experiment)
        for line in lines:
            typer.echo(line)


@app.command()
def score(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or JSON Lines file of rows.")],
    output: Annotated[Path | None, typer.Option(help="Write the predictions here, as CSV.")] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the invalid rows here (default: next to FILE).")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Directory of a model (default: the registered model).")
    ] = None,
    env: Env = None,
    pipeline: Pipeline = DEFAULT,
) -> None:
    """Predict from rows with the registered model. Fail if a row is invalid."""
    from .scoring import score_file

    rejects = rejects or file.with_name(f"{file.name}.rejects.jsonl")
    with friendly_errors():
        with fetched(model, env, pipeline) as directory:
            scores = output or file.with_suffix(".scores.csv")
            summary, error = score_file(file, directory, scores, rejects)
        typer.echo(summary)
        if error:
            raise EdgeError(error)


@app.command()
def serve(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port to listen on, on this machine only.")
    ] = 5001,
    output: Annotated[
        Path | None,
        typer.Option(help="Write the package for `mlflow models` here, and do not serve it."),
    ] = None,
    env: Env = None,
    pipeline: Pipeline = DEFAULT,
) -> None:
    """Serve the registered model with `mlflow models`."""
    with friendly_errors():
        if output and output.exists():
            raise EdgeError(f"{output} already exists")
        with fetched(None, env, pipeline) as directory:
            from .serving import export, start

            if output:
                export(directory, output)
            else:
                start(directory, port)


@app.command()
def resume(
    env: Annotated[
        str | None,
        typer.Option("--env", "-e", help="Send only the runs of this directory of conf/."),
    ] = None,
    redirect: Annotated[
        bool,
        typer.Option(
            "--redirect", help="Send all runs to the store of --env, wherever they belong."
        ),
    ] = False,
) -> None:
    """Send runs that could not be delivered. Each goes to the store that it belongs to."""
    project = Path.cwd()
    sent = skipped = failed = 0
    with friendly_errors():
        from ..tracking.outbox import OUTBOX, send, undelivered
        from ..tracking.port import TrackingError
        from ..tracking.record import Record

        for directory in undelivered(project / OUTBOX):
            try:
                record = Record.read(directory)
                if env and not redirect and record.env != env:
                    skipped += 1
                    typer.echo(f"{directory.name} belongs to {record.store}; not sent")
                    continue
                delivery = send(directory, _destination(project, record, env, redirect=redirect))
            except (ConfigurationError, OSError, TrackingError) as error:
                failed += 1
                typer.echo(f"error: {directory.name}: {message(error)}", err=True)
                continue
            sent += 1
            hint = f"`train --continue {directory.name}` goes on with it"
            lines = [f"run {delivery.run}", delivery.model, hint if delivery.can_go_on else ""]
            typer.echo("\n".join(filter(None, lines)))
    typer.echo(f"{sent} runs sent" + (f", {skipped} belong elsewhere" if skipped else ""))
    if failed:
        raise typer.Exit(1)


@runs.command("list")
def list_runs() -> None:
    """List the runs in the outbox. They are active, wait to be sent, or are partial."""
    from ..tracking.outbox import OUTBOX, pending

    found = [*pending(Path.cwd() / OUTBOX)]
    for each in found:
        size = f"{each.size / 1e6:8.1f} MB"
        typer.echo(f"{each.directory.name:32}  {each.changed:%Y-%m-%d %H:%M}  {size}  {each.state}")
    if not found:
        typer.echo("no runs in the outbox")


@runs.command()
def clean(
    names: Annotated[
        list[str] | None, typer.Argument(help="Partial runs to delete (default: all old ones).")
    ] = None,
    older_than: Annotated[
        float, typer.Option(help="Without names: hours since the last change.", min=0)
    ] = 24,
) -> None:
    """Delete partial runs, which have no record and cannot be sent."""
    with friendly_errors():
        from ..tracking.outbox import OUTBOX, delete, pending

        partial = {
            each.directory.name: each for each in pending(Path.cwd() / OUTBOX) if each.is_partial
        }
        if unknown := sorted({*(names or [])} - {*partial}):
            raise EdgeError(f"no partial run {', '.join(unknown)}; `runs list` shows them")
        chosen = names or [name for name, each in partial.items() if each.age >= older_than]
        for name in chosen:
            delete(partial[name].directory)
            typer.echo(f"deleted {name}")
        typer.echo(f"{len(chosen)} of {len(partial)} partial runs deleted")


@models.command("list")
def list_models(env: Env = None, pipeline: Pipeline = DEFAULT) -> None:
    """List the versions of the model, the newest first."""
    with registered(env, pipeline) as (tracker, model, _):
        versions = tracker.versions(model)
        if not versions:
            typer.echo(f"no version of {model}: `train` registers one")
            return
        for line in version_table(versions):
            typer.echo(line)


@models.command()
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
    from .loader import read_once

    with friendly_errors(), read_once():
        from .comparing import compare as evaluate  # slow import

        lines = evaluate(Path.cwd(), env, names or [], pipeline=pipeline, promote=promote)
        for line in lines:
            typer.echo(line)


@models.command("promote")
def promote_version(name: Name, env: Env = None, pipeline: Pipeline = DEFAULT) -> None:
    """Make a version champion."""
    with registered(env, pipeline) as (tracker, model, alias):
        from ..tracking import registry

        typer.echo(registry.promote(tracker, model, alias, name))


@models.command()
def rollback(env: Env = None, pipeline: Pipeline = DEFAULT) -> None:
    """Make the version champion that was champion before."""
    with registered(env, pipeline) as (tracker, model, alias):
        from ..tracking import registry

        typer.echo(registry.rollback(tracker, model, alias))


@contextmanager
def fetched(model: Path | None, env: str | None, pipeline: str) -> Iterator[Path]:
    """Yield a directory with a model: the given one, or the registered model."""
    if model:
        yield model
        return
    from tempfile import TemporaryDirectory

    with registered(env, pipeline) as (tracker, name, alias), TemporaryDirectory() as directory:
        yield tracker.model(name, alias, Path(directory))


@contextmanager
def registered(env: str | None, pipeline: str) -> Iterator[tuple["Tracker", str, str]]:
    """Yield the tracker, the name of the model and the alias that `conf/` declares."""
    with friendly_errors():
        from . import configuration

        parameters = configuration.read(Path.cwd(), env, training=False)
        tracking = parameters.tracking
        model = configuration.problem(Path.cwd(), env, pipeline).name or tracking.model
        yield configuration.tracker(parameters, Path.cwd()), model, tracking.alias


def version_table(versions: list["Version"]) -> Iterator[str]:
    """Yield a table of versions."""
    yield f"{'version':>7}  {'started':16}  {'value':24}  {'data':8}  {'run':32}  aliases"
    for each in versions:
        value = "unknown" if each.value is None else f"{each.metric} {each.value:.6f}"
        yield (
            f"{each.number:>7}  {each.started:%Y-%m-%d %H:%M}  {value:24}  {each.data[:8]:8}  "
            f"{each.run:32}  {', '.join(each.aliases)}"
        ).rstrip()


def _destination(project: Path, record: "Record", env: str | None, *, redirect: bool) -> "Tracker":
    """Return the tracker that a run belongs to."""
    from ..tracking.database import without_password
    from ..tracking.mlflow_tracker import MlflowTracker
    from . import configuration

    if redirect or env:
        return configuration.tracker(configuration.read(project, env, training=False), project)
    own = (
        record.env if record.env and (project / configuration.CONF / record.env).is_dir() else None
    )
    parameters = configuration.read(project, own, training=False)
    if record.store in {"", without_password(parameters.tracking.uri)}:
        return configuration.tracker(parameters, project)
    # Declared for that run alone, by `--set` or by a variable.
    artifacts = record.parameters.get("tracking", {}).get("artifacts")
    return MlflowTracker(record.store, artifacts, project)


app.add_typer(runs, name="runs")
app.add_typer(models, name="models")
