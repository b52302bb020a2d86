"""Every command that README, docs and CONTRIBUTING show works in a shell."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.support.reader import ADDRESS, CONTAINER, HERE, Reader, commands, ready, script
from tests.support.template import ROOT, SOURCE

# Where the reader stands: in the template, in an empty directory, in a project.
TEMPLATE_DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs/how-to/adopt.md"]
EMPTY_DOCUMENTS = [ROOT / "docs/tutorial/first-project.md", ROOT / "docs/how-to/answers.md"]
PROJECT_DOCUMENTS = [
    SOURCE / "README.md",
    SOURCE / "CONTRIBUTING.md",
    SOURCE / "docs/development.md",
]
GUIDE = ROOT / "devkit/src/hangar_devkit/docs/guide"
# Only in a project with `ml_pipeline`.
OF_THE_PIPELINE = [GUIDE / name for name in ("pipeline.md", "scale.md")]
# What they name is shown, and so tried, on the other pages.
REFERENCES = [
    GUIDE / name for name in ("coming-from.md", "files.md", "glossary.md", "troubleshooting.md")
]
# The tutorial begins with it: see test_tutorial.py.
OF_THE_TUTORIAL = [GUIDE / "example.md"]
ELSEWHERE_TYPED = [*OF_THE_PIPELINE, *REFERENCES, *OF_THE_TUTORIAL]
GUIDES = [path for path in sorted(GUIDE.glob("*.md")) if path not in ELSEWHERE_TYPED]

# What is typed in another form here, and why.
CREATE = f"uvx --with 'typer<0.26' cruft@2.16.0 create {ADDRESS}"
KEEP = (
    "git add . && { git diff --cached --quiet || git commit --quiet --no-verify --message=Work; }"
)
PORT = "--dev-addr=127.0.0.1:$((20000 + RANDOM % 20000))"
ANSWER = "uvx nox -s update -- --answer "
RELEASE = "uvx nox -s release -- --bump minor --skip-audit"
A_TEST = "tests/test_cli.py::test_sample_is_valid"
A_READERS_TEST = '"tests/test_collect.py::test_name"'
ENTRY = '--owner "@me" --reason "port in use" --days 14'
BUNDLE = '"$HOME/certificates.pem"'
INSTEAD = {
    # A command that asks: every default is taken.
    CREATE: f"printf '\\n%.0s' {{1..20}} | {CREATE}",
    # A command that ends only when it is stopped; several tests run it side by side.
    "uvx nox -s docs -- serve": f"timeout 45 uvx nox -s docs -- serve {PORT} || [ $? = 124 ]",
    # A name that the reader chooses.
    "uv add NAME": "uv add iniconfig",
    "uv run hangar contracts validate FILE --contract Trade": (
        "uv run hangar contracts validate data/readings.csv --contract Reading"
    ),
    "uvx nox -s history -- show ID": f"uvx nox -s history -- show {A_TEST}",
    # A test of the example in place of one of the reader's, which is not flaky.
    f"uv run hangar history prove {A_READERS_TEST}": (
        f"uv run hangar history prove {A_TEST} --budget 10"
    ),
    f"uv run hangar history quarantine add {A_READERS_TEST} {ENTRY}": (
        f"uv run hangar history quarantine add {A_TEST} {ENTRY} --unproven"
    ),
    # No run of the example was red.
    "uv run hangar history prove": "uv run hangar history prove --help",
    "nox -s NAME": "nox -s setup",
    "nox -s NAME -- ARGUMENTS": "nox -s adr -- lint",
    # What is named, not typed.
    "uv add --dev": "true",
    # For the reader's machine, not for a project.
    "uv tool install podman-compose": "uv tool install --help >/dev/null",
    "nox -s adopt": "nox -s adopt -- --help",
    "nox -s release": "nox -s release -- --help",
    "nox -s release -- X.Y.Z": "nox -s release -- --help",
    # These pages are followed, with their edits, in tests/containers/.
    'cat /etc/ssl/certs/ca-certificates.crt company.crt >"$HOME/certificates.pem"': "true",
    f"export SSL_CERT_FILE={BUNDLE} REQUESTS_CA_BUNDLE={BUNDLE}": "true",
    "grep DATABASE_URL .env.example >>.env": "true",
    # The history begins with a test run.
    "uvx nox -s triage": "uvx nox -s tests && uvx nox -s triage",
    # A release and an update want a clean tree; the audit wants a database of vulnerabilities.
    "uvx nox -s release -- --bump minor": f"{KEEP} && {RELEASE} --dry-run",
    "uvx nox -s release -- --bump minor --dry-run": f"{KEEP} && {RELEASE} --dry-run",
    "git push --atomic origin HEAD v1.4.0": "true",
    "uvx nox -s update -- --answer publish=both": f"{KEEP} && {ANSWER}publish=both",
    "uvx nox -s update": f"{KEEP} && uvx nox -s update",
}
# With the pipeline: what needs a server, or goes on until it is stopped, is in tests/pipeline.
ELSEWHERE = [
    "uvx nox -s mlflow",
    "uvx nox -s mlflow -- serve",
    "uvx nox -s pipeline -- --env server",
    "uv run my-project resume --env server",
    "uv run my-project resume --env server --redirect",
    "uv run my-project train --pipeline wine",
    "DASK_SCHEDULER_ADDRESS=tcp://scheduler.example.com:8786 uv run my-project train --env dask",
]
RUN_ID = "$(uvx nox -s pipeline | sed -n 's/^run //p')"
TRAINED = {
    **dict.fromkeys(ELSEWHERE, "true"),
    "uv run my-project train --check --sweep rates": (
        "uv run my-project train --check --sweep sizes"
    ),
    "uv run my-project models compare 3 7 --promote": (
        "uv run my-project models compare 1 --promote"
    ),
    "uv run my-project models promote 7": "uv run my-project models promote 2",
    "uv run my-project train --continue NAME": "uv run my-project train --help >/dev/null",
    "uv run my-project runs clean NAME": "uv run my-project runs clean --help >/dev/null",
    "uvx nox -s pipeline -- --from-run ID": f'uvx nox -s pipeline -- --from-run "{RUN_ID}"',
    # Gigabytes, and from an index of PyTorch's own.
    "uv sync --inexact --extra torch": "uv sync --inexact --extra torch --dry-run",
    "uv pip install --torch-backend=cpu torch": "uv pip install --help >/dev/null",
}
# In the template: its own suites, which this test is part of.
SUITES = {
    "nox": "nox --list",
    "uvx nox": "uvx nox --list",
    "nox -s docs-commands": "nox -s docs-commands -- --collect-only --quiet >/dev/null",
    "nox -s full": "nox -s full -- --collect-only --quiet >/dev/null || [ $? = 5 ]",
    "nox -s tests": "nox -s tests -- --collect-only --quiet >/dev/null",
    # In the project that was adopted.
    "nox -s update": f"cd ../tide-gauge && {KEEP} && uvx nox -s update",
    "git revert --no-edit COMMIT": "git -C ../tide-gauge revert --no-edit HEAD",
    # Only there: a project with a noxfile of its own, and with hooks that its user turns on.
    "uvx nox -f noxfile_hangar.py": "true",
    "nox -s hooks": "true",
    "uvx nox -s update": f"cd ../tide-gauge && {KEEP} && uvx nox -s update",
}


@pytest.fixture
def project(reader: Reader, tmp_path: Path) -> Path:
    """A project made from the template's address, ready and committed."""
    return ready(reader, tmp_path, {})


@pytest.fixture
def pipeline(reader: Reader, tmp_path: Path) -> Path:
    """The same with the training pipeline."""
    return ready(reader, tmp_path, {"ml_pipeline": True})


def names(documents: list[Path], root: Path) -> list[ParameterSet]:
    """Name each document by its path."""
    return [pytest.param(path, id=path.relative_to(root).as_posix()) for path in documents]


@pytest.mark.docs_commands
@pytest.mark.parametrize("document", names(PROJECT_DOCUMENTS, SOURCE))
def test_commands_of_a_project(document: Path, project: Path, reader: Reader) -> None:
    typed = commands(project / document.relative_to(SOURCE))
    assert reader.types(script(typed, INSTEAD), project) == 0


@pytest.mark.docs_commands
@pytest.mark.parametrize("document", names(GUIDES, GUIDE))
def test_commands_of_the_guide(document: Path, project: Path, reader: Reader) -> None:
    assert reader.types(script(commands(document), INSTEAD), project) == 0


@pytest.mark.docs_commands
@pytest.mark.parametrize("document", names(OF_THE_PIPELINE, GUIDE))
def test_commands_of_the_pipeline(document: Path, pipeline: Path, reader: Reader) -> None:
    assert reader.types(script(commands(document), INSTEAD | TRAINED), pipeline) == 0


@pytest.mark.docs_commands
@pytest.mark.parametrize("document", names(EMPTY_DOCUMENTS, ROOT))
def test_commands_from_nothing(document: Path, reader: Reader, tmp_path: Path) -> None:
    place = tmp_path / "empty"
    place.mkdir()
    assert reader.types(script(commands(document, prose=False), INSTEAD), place) == 0


@pytest.mark.docs_commands
@pytest.mark.parametrize("document", names(TEMPLATE_DOCUMENTS, ROOT))
def test_commands_of_the_template(document: Path, reader: Reader, tmp_path: Path) -> None:
    checkout = tmp_path / HERE
    subprocess.run(["git", "clone", "--quiet", str(reader.template), str(checkout)], check=True)
    existing(tmp_path / "tide-gauge")
    text = script(commands(document), INSTEAD | SUITES)
    assert reader.types(text, checkout) == 0


def existing(root: Path) -> None:
    """Make a Python project that has no template."""
    (root / "src/tide_gauge").mkdir(parents=True)
    (root / "src/tide_gauge/__init__.py").write_text('"""Tides."""\n', encoding="utf-8")
    (root / "pyproject.toml").write_text(
        '[project]\nname = "tide-gauge"\nversion = "1.0.0"\n', encoding="utf-8"
    )
    for command in ("init --quiet", "add .", "commit --quiet --message=Start"):
        subprocess.run(["git", "-C", str(root), *command.split()], check=True)


SESSION = re.compile(r"nox (?:-s|--session) ([a-z_-]+)")
ADOPTED = ROOT / "devkit/src/hangar_devkit/adopt/files/noxfile.txt"
DEFINED = re.compile(r"^@nox\.session(?:\(name=\"([\w-]+)\"\))?\ndef (\w+)", re.MULTILINE)


@pytest.mark.parametrize(
    ("document", "noxfile"),
    [
        *(
            pytest.param(d, SOURCE / "noxfile.py", id=d.name)
            for d in [*PROJECT_DOCUMENTS, *GUIDES, *OF_THE_PIPELINE, *OF_THE_TUTORIAL]
        ),
        *(pytest.param(d, ROOT / "noxfile.py", id=d.name) for d in TEMPLATE_DOCUMENTS),
    ],
)
def test_every_session_that_is_named_exists(document: Path, noxfile: Path) -> None:
    named = set(SESSION.findall(document.read_text(encoding="utf-8")))
    # A page of the template also says what to type in a project, generated or adopted.
    known = "".join(path.read_text("utf-8") for path in (noxfile, SOURCE / "noxfile.py", ADOPTED))
    assert named <= {name or function for name, function in DEFINED.findall(known)}


def test_commands_are_found() -> None:
    """A pattern that finds nothing would make the tests above pass."""
    found = {command for document in PROJECT_DOCUMENTS + GUIDES for command in commands(document)}
    assert {
        "uvx nox",
        "uvx nox -s lint",
        'uvx nox -s adr -- new "Store readings in PostgreSQL"',
    } <= found


@pytest.mark.docs_commands
@pytest.mark.container
@pytest.mark.skipif(
    os.system("docker info >/dev/null 2>&1") != 0,  # noqa: S605 - no input
    reason="no container engine answers: start Docker",
)
def test_container_commands_of_the_tutorial(reader: Reader, project: Path) -> None:
    typed = [line for line in commands(EMPTY_DOCUMENTS[0]) if CONTAINER.search(line)]
    assert reader.types("set -e\n" + "\n".join(typed) + "\n", project) == 0
