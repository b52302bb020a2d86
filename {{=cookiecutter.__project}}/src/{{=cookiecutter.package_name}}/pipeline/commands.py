"""The commands of the pipeline. Slow imports are inside the command that needs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..edge import EdgeError
from . import model_commands, run_commands
from .errors import friendly_errors

app = typer.Typer()
app.add_typer(run_commands.app)
app.add_typer(model_commands.app, name="models")

Env = Annotated[
    str | None, typer.Option("--env", "-e", help="Directory of conf/ that overrides conf/base.")
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", help="Set a parameter for this run: training.seed=7.")
]
Pipeline = Annotated[
    str, typer.Option("--pipeline", "-p", help="Name of the pipeline that solves the problem.")
]
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
    with friendly_errors():
        from . import assigning, configuration, sweeping

        others = sets or sweep or check or debug or pipeline != DEFAULT
        if (from_run or go_on) and (others or (from_run and go_on) or (go_on and env)):
            raise EdgeError(
                "--from-run and --continue take pipeline and parameters of a run as they were: "
                "without --pipeline, --set, --sweep, --check and --debug (--continue: and --env)"
            )
        if debug and sweep:
            raise EdgeError("--debug tries one run, not a --sweep")
        given, dropped = assigning.completed(project, env, assigning.assigned(sets or []))
        for line in dropped:
            typer.echo(line, err=True)
        if check:
            configuration.read(project, env, given)
            configuration.problem(project, env, pipeline)
            if sweep:
                sweeping.check(project, env, given, sweep)
            typer.echo("The configuration is valid.")
            return
        from . import debugging, running

        if debug:
            lines = debugging.run(project, env, given, pipeline, debug.value)
        elif go_on:
            lines = running.go_on(project, go_on)
        elif from_run:
            lines = running.repeat(project, env, from_run)
        elif sweep:
            lines = sweeping.sweep(project, env, given, sweep, pipeline)
        else:
            lines = running.train(project, env, given, pipeline)
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
    """Predict from every valid row with the registered model; fail if a row is invalid."""
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


@contextmanager
def fetched(model: Path | None, env: str | None, pipeline: str) -> Iterator[Path]:
    """Yield a directory with a model: the given one, or the registered model."""
    if model:
        yield model
        return
    from tempfile import TemporaryDirectory

    from . import configuration

    parameters = configuration.read(Path.cwd(), env, training=False)
    tracking = parameters.tracking
    name = configuration.problem(Path.cwd(), env, pipeline).name or tracking.model
    with TemporaryDirectory() as directory:
        tracker = configuration.tracker(parameters, Path.cwd())
        yield tracker.model(name, tracking.alias, Path(directory))
