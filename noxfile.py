"""The template's commands, by the same names as in a generated project."""

import os
import sys

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["preflight", "setup", "lint", "typecheck", "tests", "docs"]

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

# The template directory, whose git hooks are this repository's own.
PROJECT = "{{=cookiecutter.__project}}"

# Slow tests take seconds or minutes: an idle worker takes over tests of the other.
TWO_WORKERS = ["-n=2", "--dist=worksteal"]


def uv(session: nox.Session, *args: str) -> None:
    """Run uv on the repository's one environment, whatever other environment is active."""
    session.run("uv", *args, env={"VIRTUAL_ENV": None}, external=True)


def sync(session: nox.Session) -> None:
    """Install what the sessions need; `uv.lock` stays on this machine."""
    uv(session, "sync", "--quiet")


def tool(session: nox.Session, *command: str) -> None:
    """Run a pinned tool, from the repository's environment as it is."""
    uv(session, "run", "--frozen", "--no-sync", *command)


@nox.session
def preflight(session: nox.Session) -> None:
    """Check this machine and suggest fixes, before anything fails because of it."""
    options = session.posargs or ["--scope=ci" if IN_CI else "--scope=test"]
    # nox's own Python, from the sources: there may be no environment yet.
    command = [sys.executable, "-m", "hangar_devkit", "preflight", *options]
    session.run(*command, env={"PYTHONPATH": "devkit/src"}, external=True)


@nox.session
def setup(session: nox.Session) -> None:
    """Create the environment and install the git hooks."""
    sync(session)
    session.run("git", "config", "core.hooksPath", f"{PROJECT}/tools/hooks", external=True)


@nox.session
def lint(session: nox.Session) -> None:
    """Check every file with every hook; `-- HOOK` runs one hook."""
    sync(session)
    # pre-commit checks tracked files only: an untracked file would pass unchecked.
    session.run("git", "add", "--intent-to-add", ".", external=True)
    difference = ["--show-diff-on-failure"] if IN_CI else []
    tool(session, "pre-commit", "run", "--all-files", *difference, *session.posargs)


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check the types of everything that is not rendered."""
    sync(session)
    tool(session, "mypy", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the fast tests: every combination of options, hostile answers, hangar-devkit."""
    sync(session)
    fast = ["-n=2", "-m=not slow and not container and not docs_commands"]
    tool(session, "pytest", *(session.posargs or fast))


@nox.session
def full(session: nox.Session) -> None:
    """Run the slow tests: projects taken to green, updates, real containers."""
    sync(session)
    tool(session, "pytest", "-m=slow and not container", *TWO_WORKERS, *session.posargs)
    tool(session, "pytest", "-m=container", *session.posargs)


@nox.session(name="docs-commands")
def docs_commands(session: nox.Session) -> None:
    """Run every command that README, docs and CONTRIBUTING show, in a shell."""
    sync(session)
    tool(session, "pytest", "-m=docs_commands", *TWO_WORKERS, *session.posargs)


@nox.session
def triage(session: nox.Session) -> None:
    """Rank what to fix next, from the test history."""
    sync(session)
    tool(session, "hangar", "triage", *session.posargs)


@nox.session
def history(session: nox.Session) -> None:
    """Show, plot, share or merge the test history: `-- show TEST`."""
    sync(session)
    tool(session, "hangar", "history", *(session.posargs or ["--help"]))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site, strictly, into `site/`.

    `-- serve` previews it while you write; `-- pages` only writes the generated docs, and
    `-- pages --check` reports those that are out of date.
    """
    sync(session)
    command, *rest = session.posargs or ["build", "--strict"]
    if command == "pages":
        tool(session, "hangar", "docs", "pages", *rest)
    else:
        tool(session, "hangar", "docs", "pages")
        tool(session, "properdocs", command, "--config-file=mkdocs.yml", *rest)


@nox.session
def adr(session: nox.Session) -> None:
    """Create and check decision records: `-- new "Title"`, `-- supersede 3 "Title"`."""
    sync(session)
    tool(session, "hangar", "adr", *(session.posargs or ["lint"]))


@nox.session
def adopt(session: nox.Session) -> None:
    """Bring an existing project under the template: `-- PATH` shows, `-- PATH --yes` does it."""
    sync(session)
    tool(session, "hangar", "adopt", *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Tag a release, once updates from every earlier one are proven: `-- X.Y.Z`."""
    sync(session)
    tool(session, "python", "-m", "scripts.release", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel of hangar-devkit into the template; `-- --check` compares it."""
    sync(session)
    tool(session, "python", "-m", "scripts.wheel", *session.posargs)


@nox.session
def foreign(session: nox.Session) -> None:
    """Prove capabilities on public projects: `-- SUBJECT [NAME...]` for one of them."""
    sync(session)
    tool(session, "python", "-m", "scripts.foreign", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Run benchmarks: `-- list`, `-- NAME [PEER...]`, `-- all [PEER...]`, `-- page`, `-- agree`."""
    sync(session)
    tool(session, "python", "-m", "benchmarks", *(session.posargs or ["list"]))
