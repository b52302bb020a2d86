"""The template's commands, by the same names as in a generated project."""

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["setup", "lint", "typecheck", "tests", "docs"]

# The template directory, whose commit hooks are this repository's own.
PROJECT = "{{=cookiecutter.__project}}"

# Slow tests take seconds or minutes: a worker that is done takes over from the other.
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
def setup(session: nox.Session) -> None:
    """Make everything ready: environment, commit hooks."""
    sync(session)
    session.run("git", "config", "core.hooksPath", f"{PROJECT}/tools/hooks", external=True)


@nox.session
def lint(session: nox.Session) -> None:
    """Check every file with every hook; give the name of one hook to run it alone."""
    sync(session)
    # pre-commit sees only what git knows: without this a new file would be a false green.
    session.run("git", "add", "--intent-to-add", ".", external=True)
    tool(session, "pre-commit", "run", "--all-files", "--show-diff-on-failure", *session.posargs)


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check the types of devkit and of the tests."""
    sync(session)
    tool(session, "mypy", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the fast tests: every combination of options, hostile answers, devkit."""
    sync(session)
    chosen = ["-n=2", "-m=not slow and not container and not typed"]
    tool(session, "pytest", *(session.posargs or chosen))


@nox.session
def full(session: nox.Session) -> None:
    """Run the slow tests too: projects taken to green, updates, real containers."""
    sync(session)
    tool(session, "pytest", "-m=slow and not container", *TWO_WORKERS, *session.posargs)
    tool(session, "pytest", "-m=container", *session.posargs)


@nox.session
def typed(session: nox.Session) -> None:
    """Type every command that README, docs and CONTRIBUTING tell a reader to type."""
    sync(session)
    tool(session, "pytest", "-m=typed", *TWO_WORKERS, *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site, strictly, into `site/`.

    `-- serve` shows it while you write; `-- pages` only brings the made pages in step, and
    `-- pages --check` says which are not.
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
    """Keep decision records: `-- new "Title"`, `-- supersede 3 "Title"`, `-- list`, `-- lint`."""
    sync(session)
    tool(session, "hangar", "adr", *(session.posargs or ["list"]))


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
    """Use the wheel in public projects made elsewhere: `-- NAME` for one; all write the page."""
    sync(session)
    tool(session, "python", "-m", "scripts.foreign", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure: `-- list`, `-- PART [PEER...]`, `-- all [PEER...]`; `-- page` writes it up."""
    sync(session)
    tool(session, "python", "-m", "bench", *(session.posargs or ["list"]))
