"""The commands of the pipeline. What is heavy is imported by the command that needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ..edge import EdgeError

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
    check: Annotated[bool, typer.Option("--check", help="Only check the configuration.")] = False,
    sweep: Annotated[str | None, typer.Option(help="Run every point of a sweep of conf/.")] = None,
    from_run: Annotated[
        str | None, typer.Option(help="Repeat this run, and compare the metrics.")
    ] = None,
) -> None:
    """Train, judge and register a detector, as conf/ declares it."""
    project = Path.cwd()
    with explained():
        from . import configuration  # noqa: PLC0415

        given = configuration.assigned(sets or [])
        if check:
            configuration.read(project, env, given)
            typer.echo("The configuration is good.")
            return
        from . import running  # noqa: PLC0415

        if from_run:
            lines = running.repeat(project, env, from_run)
        elif sweep:
            lines = running.sweep(project, env, given, sweep)
        else:
            lines = running.train(project, env, given)
        for line in lines:
            typer.echo(line)


@app.command()
def score(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or JSON Lines file of readings.")],
    output: Annotated[Path | None, typer.Option(help="Write the scores here, as CSV.")] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the bad rows here; by default beside the file.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Directory of a model; by default the registered one.")
    ] = None,
    env: Env = None,
) -> None:
    """Score readings, window by window, with the registered detector."""
    from .scoring import score_file  # noqa: PLC0415

    rejects = rejects or file.with_suffix(".rejects.jsonl")
    with explained(), fetched(model, env) as place:
        summary = score_file(file, place, output or file.with_suffix(".scores.csv"), rejects)
    typer.echo(summary)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="On this machine only.")] = 5001,
    output: Annotated[
        Path | None, typer.Option(help="Only write the package here, for `mlflow models`.")
    ] = None,
    env: Env = None,
) -> None:
    """Serve the registered detector with `mlflow models`."""
    with explained():
        if output and output.exists():
            raise EdgeError(f"{output} is there already")
        with fetched(None, env) as place:
            from .serving import hand_out, start  # noqa: PLC0415

            if output:
                hand_out(place, output)
            else:
                start(place, port)


@app.command()
def resume(env: Env = None) -> None:
    """Send the runs that could not be delivered."""
    project = Path.cwd()
    with explained():
        from ..tracking.outbox import send, waiting  # noqa: PLC0415
        from . import configuration  # noqa: PLC0415
        from .loader import OUTBOX  # noqa: PLC0415

        said = configuration.read(project, env, training=False)
        tracker = configuration.tracker(said, project)
        runs = waiting(project / OUTBOX)
        for directory in runs:
            typer.echo(f"run {send(directory, tracker)}")
    typer.echo(f"{len(runs)} runs sent")


@contextmanager
def fetched(model: Path | None, env: str | None) -> Iterator[Path]:
    """Give a directory with a model: the one that is named, or the registered one."""
    if model:
        yield model
        return
    from tempfile import TemporaryDirectory  # noqa: PLC0415

    from . import configuration  # noqa: PLC0415

    said = configuration.read(Path.cwd(), env, training=False)
    with TemporaryDirectory() as place:
        tracker = configuration.tracker(said, Path.cwd())
        yield tracker.model(said.tracking.model, said.tracking.alias, Path(place))


@contextmanager
def explained() -> Iterator[None]:
    """Turn what went wrong into a few lines and exit code 1."""
    from ..tracking.port import TrackingError  # noqa: PLC0415
    from .configuration import ConfigurationError  # noqa: PLC0415
    from .gate import GateError  # noqa: PLC0415

    try:
        yield
    except (
        ConfigurationError,
        EdgeError,
        GateError,
        ModuleNotFoundError,
        OSError,
        TrackingError,
    ) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
