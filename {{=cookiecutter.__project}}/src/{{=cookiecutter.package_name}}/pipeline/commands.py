"""The commands of the pipeline. Slow imports are inside the command that needs them."""

from collections.abc import Iterator
from contextlib import contextmanager
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


@app.command()
def train(
    env: Env = None,
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
) -> None:
    """Train, evaluate and register a detector, as declared in conf/."""
    project = Path.cwd()
    with friendly_errors():
        from . import configuration

        given = configuration.assigned(sets or [])
        if check:
            configuration.read(project, env, given)
            typer.echo("The configuration is valid.")
            return
        from . import running

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
        Path | None, typer.Option(help="Write the invalid rows here (default: next to FILE).")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Directory of a model (default: the registered model).")
    ] = None,
    env: Env = None,
) -> None:
    """Score readings, window by window, with the registered detector."""
    from .scoring import score_file

    rejects = rejects or file.with_name(f"{file.name}.rejects.jsonl")
    with friendly_errors(), fetched(model, env) as directory:
        summary = score_file(file, directory, output or file.with_suffix(".scores.csv"), rejects)
    typer.echo(summary)


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
) -> None:
    """Serve the registered detector with `mlflow models`."""
    with friendly_errors():
        if output and output.exists():
            raise EdgeError(f"{output} already exists")
        with fetched(None, env) as directory:
            from .serving import export, start

            if output:
                export(directory, output)
            else:
                start(directory, port)


@contextmanager
def fetched(model: Path | None, env: str | None) -> Iterator[Path]:
    """Yield a directory with a model: the given one, or the registered model."""
    if model:
        yield model
        return
    from tempfile import TemporaryDirectory

    from . import configuration

    parameters = configuration.read(Path.cwd(), env, training=False)
    tracking = parameters.tracking
    with TemporaryDirectory() as directory:
        tracker = configuration.tracker(parameters, Path.cwd())
        yield tracker.model(tracking.model, tracking.alias, Path(directory))
