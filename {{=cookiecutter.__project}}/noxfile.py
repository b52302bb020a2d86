"""The project's commands: `nox --list` lists them, `nox` alone runs the default ones."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox

ROOT = Path(__file__).parent
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false", "no", "off"}
{%=- if cookiecutter.ml_pipeline %}
PACKAGE = "{{= cookiecutter.package_name }}"
{%=- endif %}

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["preflight", "setup", "lint", "typecheck", "tests", "docs"]


def uv(session: nox.Session, *args: str) -> None:
    """Run uv on the project's one environment, whatever other environment is active."""
    session.run("uv", *args, env={"VIRTUAL_ENV": None}, external=True)


def create_environment(session: nox.Session) -> None:
    """Create the environment, with the Python of the images where this machine can have it."""
    place = ROOT / os.environ.get("UV_PROJECT_ENVIRONMENT", ".venv")
    dockerfile, pin = ROOT / "Dockerfile", ROOT / ".python-version"
    if place.exists() or pin.exists() or "UV_PYTHON" in os.environ or not dockerfile.exists():
        return
    text = dockerfile.read_text(encoding="utf-8")
    named = re.search(r"^ARG PYTHON_VERSION=(\S+)", text, re.MULTILINE)
    if named:
        # Where it fails, uv takes another Python, and the preflight reports that (PF107).
        command = ["uv", "venv", "--quiet", f"--python={named[1]}", str(place)]
        session.run(*command, external=True, silent=True, success_codes=[0, 2])


def sync(session: nox.Session, group: str) -> None:
    """Install a group and keep what is installed; the first run also writes `uv.lock`."""
    create_environment(session)
    locked = ["--locked"] if IN_CI or (ROOT / "uv.lock").exists() else []
    uv(session, "sync", *locked, "--quiet", "--inexact", "--no-default-groups", f"--group={group}")


def tool(session: nox.Session, *command: str) -> None:
    """Run a pinned tool, from the project's environment as it is."""
    uv(session, "run", "--frozen", "--no-sync", *command)


def git(*args: str) -> str | None:
    """Return what git prints; None where it fails."""
    done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, check=False)
    return None if done.returncode else done.stdout.strip()


@contextmanager
def as_repository() -> Iterator[None]:
    """Let git see this project alone, where it is a part of a larger repository.

    Also where git cannot see the repository, as in a dev container of a linked worktree.
    """
    if git("rev-parse", "--show-prefix") == "":
        yield
        return
    index = ROOT / ".nox" / "index"
    index.parent.mkdir(exist_ok=True)
    directory = git("rev-parse", "--absolute-git-dir")
    if directory is None:
        directory = str(ROOT / ".nox" / "git")
        subprocess.run(["git", "init", "--quiet", "--bare", directory], check=True)
    own = {"GIT_DIR": directory, "GIT_WORK_TREE": str(ROOT), "GIT_INDEX_FILE": str(index)}
    os.environ.update(own)
    try:
        git("add", "--all", ".")
        yield
    finally:
        for name in own:
            del os.environ[name]
        index.unlink(missing_ok=True)


@nox.session
def preflight(session: nox.Session) -> None:
    """Check this machine and suggest fixes, before anything else runs."""
    options = session.posargs or ["--scope=ci" if IN_CI else "--scope=test"]
    if not session.posargs and not Path(os.environ.get("UV_PROJECT_ENVIRONMENT", ".venv")).exists():
        options.append("--before-setup")
    # nox's own Python: there may be no environment yet.
    session.run(sys.executable, "tools/hangar.py", "preflight", *options, external=True)


@nox.session
def setup(session: nox.Session) -> None:
    """Set up the project: repository, lock, environment, commit hooks, `.env`."""
    prefix = git("rev-parse", "--show-prefix")
    # In a dev container of a linked worktree git may not see the repository that is there.
    hidden = any((folder / ".git").exists() for folder in (ROOT, *ROOT.parents))
    if prefix is None and not hidden and "HANGAR_COMPOSE" not in os.environ:
        session.run("git", "init", "--quiet", "--initial-branch=main", external=True)
        prefix = ""
    sync(session, "dev")
    if prefix is None:
        session.warn("git sees no repository here, so it has no commit hooks: see PF610.")
    elif prefix:
        session.warn("Part of a larger repository: its commit hooks stay as they are.")
    else:
        # The hooks are files in the project: host and container run the same ones.
        session.run("git", "config", "core.hooksPath", "tools/hooks", external=True)
    # A `.env` that exists is left alone.
    fix = ["--fix", "--only=PF205"]
    session.run(sys.executable, "tools/hangar.py", "preflight", *fix, external=True)
{%=- if cookiecutter.ml_pipeline %}
    # Without a store, parallel processes would race to create it.
    tool(session, "python", "-m", f"{PACKAGE}.pipeline")
{%=- endif %}
    session.log("Ready: 'nox --list' shows the commands.")


@nox.session
def lint(session: nox.Session) -> None:
    """Check every file with every hook; give the name of one hook to run it alone."""
    sync(session, "dev")
    with as_repository():
        # pre-commit sees only what git knows: without this a new file would be a false green.
        session.run("git", "add", "--intent-to-add", ".", external=True)
        # On a machine the difference would be all that is not committed yet.
        difference = ["--show-diff-on-failure"] if IN_CI else []
        tool(session, "pre-commit", "run", "--all-files", *difference, *session.posargs)


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check the types of sources and tests."""
    sync(session, "dev")
    tool(session, "mypy", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; arguments go to pytest: `nox -s tests -- --cov -k name`."""
    sync(session, "test")
    tool(session, "pytest", *session.posargs)


@nox.session
def triage(session: nox.Session) -> None:
    """Show what to fix next, and why."""
    sync(session, "dev")
    tool(session, "hangar", "triage", *session.posargs)


@nox.session
def history(session: nox.Session) -> None:
    """Show, share or merge the test history: `nox -s history -- show TEST`."""
    sync(session, "dev")
    tool(session, "hangar", "history", *(session.posargs or ["--help"]))


@nox.session
def contracts(session: nox.Session) -> None:
    """Export the contracts; `-- --check` compares with the release, `-- --mutate` tests them."""
    sync(session, "test")
    check = ["--check"] if IN_CI else []
    tool(session, "hangar", "contracts", *(session.posargs or check))


{%= if cookiecutter.ml_pipeline -%}
@nox.session
def pipeline(session: nox.Session) -> None:
    """Train what `conf/` declares: `-- --env dask`, `-- --sweep NAME`, `-- --from-run ID`."""
    sync(session, "dev")
    tool(session, "python", "-m", PACKAGE, "train", *session.posargs)


@nox.session
def mlflow(session: nox.Session) -> None:
    """Show runs and models in MLflow; `-- serve` serves the registered model instead."""
    # The full MLflow is large and only needed here: it has an environment of its own.
    env = {"UV_PROJECT_ENVIRONMENT": str(ROOT / ".nox" / "mlflow"), "VIRTUAL_ENV": None}
    env |= {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
    locked = ["--locked"] if IN_CI or (ROOT / "uv.lock").exists() else []
    own = ["--no-default-groups", "--group=mlflow"]
    session.run("uv", "sync", *locked, "--quiet", *own, env=env, external=True)
    command = ["mlflow", "ui", "--backend-store-uri=sqlite:///runs/mlflow.db", *session.posargs]
    if session.posargs[:1] == ["serve"]:
        command = ["python", "-m", PACKAGE, *session.posargs]
    session.run("uv", "run", "--frozen", "--no-sync", *command, env=env, external=True)


{%= endif -%}
@nox.session
def overlap(session: nox.Session) -> None:
    """List tests that run the same lines with the same outcome: candidates to merge."""
    sync(session, "test")
    tool(session, "pytest", "--quiet", "--cov", "--cov-context=test", "--cov-report=")
    tool(session, "hangar", "lint-tests", "--overlap")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the docs, strictly, into `site/`.

    `-- serve` previews them while you write; `-- pages` only writes the generated docs, and
    `-- pages --check` reports those that are out of date. `-- api-changes` reports what breaks
    importers since the newest tag. `-- mike deploy 1.2 latest` builds a version into the branch
    `gh-pages`.
    """
    sync(session, "dev")
    command, *rest = session.posargs or ["build", "--strict"]
    if command in {"pages", "api-changes"}:
        tool(session, "hangar", "docs", command, *rest)
    elif command == "mike":
        tool(session, "mike", *rest, "--config-file=mkdocs.yml")
    else:
        tool(session, "hangar", "docs", "pages")
        tool(session, "properdocs", command, "--config-file=mkdocs.yml", *rest)


@nox.session
def docs_next(session: nox.Session) -> None:
    """Build the docs with Zensical, the next engine; it may fail until then.

    It runs no plugin of hangar-devkit: the guide is missing, and links to it are reported.
    """
    sync(session, "docs-next")
    tool(session, "hangar", "docs", "pages")
    tool(session, "zensical", "build", "--config-file=mkdocs.yml")


@nox.session
def adr(session: nox.Session) -> None:
    """Create and check decision records: `-- new "Title"`, `-- supersede 3 "Title"`."""
    sync(session, "dev")
    tool(session, "hangar", "adr", *(session.posargs or ["lint"]))


@nox.session
def audit(session: nox.Session) -> None:
    """Check the locked packages against the vulnerability database (needs the network)."""
    sync(session, "dev")
    requirements = Path(session.create_tmp()) / "requirements.txt"
    uv(
        session,
        *("export", "--frozen", "--quiet", "--all-groups", "--no-emit-local"),
        f"--output-file={requirements}",
    )
    # --strict: a package that could not be checked is a failure, not a pass.
    tool(session, "pip-audit", "--strict", "--disable-pip", "--requirement", str(requirements))


@nox.session
def sbom(session: nox.Session) -> None:
    """Write the run-time packages as a CycloneDX bill of materials, `dist/sbom.cdx.json`."""
    (ROOT / "dist").mkdir(exist_ok=True)
    uv(
        session,
        *("export", "--frozen", "--quiet", "--no-dev", "--format=cyclonedx1.5"),
        "--output-file=dist/sbom.cdx.json",
    )


@nox.session
def build(session: nox.Session) -> None:
    """Build the source distribution and the wheel into `dist/`, and test both."""
    sync(session, "dev")
    tool(session, "hangar", "build", *session.posargs)


@nox.session
def image(session: nox.Session) -> None:
    """Build the image that is shipped, and run its command in it."""
    # From the wheel itself: CI builds images where the tools cannot be installed, on Alpine Linux.
    launcher = ("--no-project", "--python=>=3.11", "tools/hangar.py")
    uv(session, "run", *launcher, "image", *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Check a release and tag it: `-- X.Y.Z`, `-- --bump minor`; `-- --dry-run` only checks."""
    sync(session, "dev")
    tool(session, "hangar", "release", *session.posargs)


@nox.session
def update(session: nox.Session) -> None:
    """Update from the template; `-- --check` only checks for a newer release."""
    # From the wheel itself: an update must run where no environment can be made.
    command = ["uv", "run", "--no-project", "--python=>=3.11", "tools/hangar.py", "update"]
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run([*command, *session.posargs], env=environment, check=False)
    if done.returncode:  # its codes have meanings, and nox would make 1 of each
        sys.exit(done.returncode)


@nox.session
def container(session: nox.Session) -> None:
    """Run a session inside the development image: `nox -s container -- tests`."""
    name, *args = session.posargs or ["tests"]
    args = args[1:] if args[:1] == ["--"] else args
    command = ["nox", "-s", name, *(["--", *args] if args else [])]
    # Docker or Podman; from the wheel, as there may be no environment on the host.
    session.run(sys.executable, "tools/hangar.py", "container", *command, external=True)


if (ROOT / "nox_local.py").exists():
    # For your own sessions; this file is the template's. nox itself does not search here.
    sys.path.insert(0, str(ROOT))
    import nox_local  # noqa: F401
