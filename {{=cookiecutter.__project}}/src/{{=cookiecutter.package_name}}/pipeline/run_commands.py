"""The commands for runs in the outbox: list them, clean up partial ones, send undelivered ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..edge import EdgeError
from .errors import ConfigurationError, friendly_errors, message

if TYPE_CHECKING:
    from ..tracking.port import Tracker
    from ..tracking.record import Record

app = typer.Typer()
runs = typer.Typer(help="List and clean up runs that are not in the store.", no_args_is_help=True)
app.add_typer(runs, name="runs")


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
    """Send runs that could not be delivered, each to the store that it belongs to."""
    project = Path.cwd()
    sent = skipped = failed = 0
    with friendly_errors():
        from ..tracking.outbox import send, undelivered
        from ..tracking.port import TrackingError
        from ..tracking.record import Record
        from .loader import OUTBOX

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
def show() -> None:
    """List the runs in the outbox: active, waiting to be sent, or partial."""
    from ..tracking.outbox import pending
    from .loader import OUTBOX

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
        from ..tracking.outbox import delete, pending
        from .loader import OUTBOX

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
