"""The command: what it prints, in each form, and how it ends."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest

from hangar_devkit import preflight
from hangar_devkit.preflight.catalogue import CHECKS
from hangar_devkit.preflight.cli import main
from hangar_devkit.preflight.declaration import SCOPES
from hangar_devkit.preflight.run import default_scopes

from ..support.interpreters import find_interpreter
from .fakes import Sandbox

SOURCES = Path(preflight.__file__).parents[2]
SCHEMA = Path(preflight.__file__).with_name("preflight.schema.json")
RECENT = ("python3.9", "python3.10")
START = """\
import sys
sys.path.insert(0, {sources!r})
from hangar_devkit.cli import main
sys.exit(main(["preflight", *sys.argv[1:]]))
"""
COMMAND = ("-c", START.format(sources=str(SOURCES)))
LIST_IMPORTS = """\
import sys
sys.path.insert(0, {sources!r})
__import__("hangar_devkit.cli").cli.main(["preflight", *{arguments!r}])
print(*sorted({{name.partition(".")[0] for name in sys.modules}}), sep="\\n", file=sys.stderr)
"""
NO_SUBPROCESS = """\
import sys
started = []
sys.addaudithook(lambda event, _: event in {events!r} and started.append(event))
sys.path.insert(0, {sources!r})
__import__("hangar_devkit.cli").cli.main(["preflight", *{arguments!r}])
print(len(started), file=sys.stderr)
"""
SPAWNS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn")


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environ}
    )


@pytest.fixture
def interpreter(request: pytest.FixtureRequest) -> str:
    """An interpreter of another version, if this machine has one."""
    return find_interpreter(request.param)


@pytest.fixture
def project(sandbox: Sandbox) -> str:
    """The folder of a project in which several things are wrong."""
    sandbox.declare("[tool.preflight.libraries]\nlibx = { soname = 'libx.so.1', apt = 'libx1' }")
    sandbox.write("Dockerfile", "FROM scratch\n")
    return str(sandbox.project)


@pytest.mark.parametrize("scope", SCOPES)
def test_the_json_follows_its_schema(
    project: str, capsys: pytest.CaptureFixture[str], scope: str
) -> None:
    main(["--project", project, "--format=json", "--scope", scope])
    schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    assert list(schema.iter_errors(json.loads(capsys.readouterr().out))) == []


def test_the_schema_refuses_another_state(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--project", project, "--format=json"])
    document = json.loads(capsys.readouterr().out)
    document["findings"][0]["state"] = "fine"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(SCHEMA.read_text()))


def test_an_error_is_exit_code_1(project: str) -> None:
    assert main(["--project", project, "--only=PF301", "--scope=test"]) == 1


def test_an_ignored_error_is_exit_code_0(project: str) -> None:
    assert main(["--project", project, "--only=PF301", "--scope=test", "--ignore=pf301"]) == 0


INVALID = {
    "--scope=moon": "invalid choice: 'moon'",
    "--format=xml": "invalid choice: 'xml'",
    "--no-such": "unrecognized arguments: --no-such",
    "yum": "invalid choice: 'yum'",
    "apt brew": "unrecognized arguments: brew",
    "--only=X": "unknown check 'X'; --list shows all",
    "--ignore=PF999": "unknown check 'PF999'; --list shows all",
}


def refuse(project: str, line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return the exit code and the lines on standard error for an invalid command line."""
    try:
        code = main(["--project", project, *line.split()])
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("line", INVALID)
def test_an_invalid_command_line_is_exit_code_2(
    project: str, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert refuse(project, line, capsys)[0] == 2


@pytest.mark.parametrize(("line", "reason"), INVALID.items())
def test_the_last_line_names_what_is_invalid(
    project: str, capsys: pytest.CaptureFixture[str], line: str, reason: str
) -> None:
    assert reason in refuse(project, line, capsys)[1][-1]


@pytest.mark.parametrize("line", INVALID)
def test_an_invalid_command_line_takes_at_most_two_lines(
    project: str, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert len(refuse(project, line, capsys)[1]) <= 2


def test_apt_prints_the_packages(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--project", project, "apt"])
    assert capsys.readouterr().out == "libx1\n"


def test_github_gets_an_annotation(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--project", project, "--only=PF301", "--scope=ci", "--format=github"])
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("::error title=PF301 Declared libraries load::libx does not load")


def test_an_annotation_is_one_line(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--project", project, "--only=PF301", "--scope=ci", "--format=github"])
    assert "%0A" in capsys.readouterr().out


def test_list_has_every_check(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--project", project, "--list"])
    listed = capsys.readouterr().out
    assert [check.id for check in CHECKS if check.id not in listed] == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_explain_shows_the_reason(
    project: str, capsys: pytest.CaptureFixture[str], check: preflight.verdicts.Check
) -> None:
    main(["--project", project, "--explain", check.id.lower()])
    assert check.why in " ".join(capsys.readouterr().out.split())


def test_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(SystemExit):
        main(["--help"])
    assert "Check this machine and suggest fixes." in capsys.readouterr().out


def test_the_project_is_found_from_below(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.declare("[tool.preflight.libraries]\nlibpcap = true")
    sandbox.write("tools/pyproject.toml", "[project]\nname = 'other'\n")
    main(["apt"], start=str(sandbox.project / "tools"))
    assert capsys.readouterr().out == "libpcap0.8\n"


SCOPED = {
    "test": (lambda sandbox: None, ("test",)),
    "container": (Sandbox.container, ("container",)),
    "ci": (lambda sandbox: sandbox.environ.update(CI="true"), ("ci",)),
    "CI=1": (lambda sandbox: sandbox.environ.update(CI="1"), ("ci",)),
    "CI=false": (lambda sandbox: sandbox.environ.update(CI="false"), ("test",)),
    "CI=0": (lambda sandbox: sandbox.environ.update(CI="0"), ("test",)),
    "CI is empty": (lambda sandbox: sandbox.environ.update(CI=""), ("test",)),
}


@pytest.mark.parametrize(("arrange", "scopes"), SCOPED.values(), ids=SCOPED)
def test_the_scope_is_that_of_the_place(sandbox: Sandbox, arrange: object, scopes: object) -> None:
    arrange(sandbox)  # type: ignore[operator]
    assert default_scopes(sandbox.build()) == scopes


@pytest.mark.parametrize("scope", SCOPES)
def test_nothing_outside_the_standard_library_is_imported(project: str, scope: str) -> None:
    code = LIST_IMPORTS.format(
        sources=str(SOURCES), arguments=("--project", project, "--scope", scope)
    )
    modules = set(run(sys.executable, "-I", "-S", "-c", code).stderr.split())
    assert modules - sys.stdlib_module_names - {"__main__"} == {"hangar_devkit"}


@pytest.mark.parametrize(
    "name", ["ctypes", "json", "packaging", "tokenize", "hangar_devkit.preflight.run"]
)
def test_printing_packages_imports_little(project: str, name: str) -> None:
    code = LIST_IMPORTS.format(sources=str(SOURCES), arguments=("--project", project, "apt"))
    assert name not in run(sys.executable, "-I", "-S", "-c", code).stderr.split()


@pytest.mark.parametrize("scope", SCOPES)
def test_no_program_is_started(project: str, scope: str) -> None:
    code = NO_SUBPROCESS.format(
        sources=str(SOURCES), arguments=("--project", project, "--scope", scope), events=SPAWNS
    )
    assert run(sys.executable, "-I", "-c", code).stderr.strip() == "0"


@pytest.mark.parametrize(("id", "state"), [("PF101", "error"), ("PF301", "unknown")])
@pytest.mark.parametrize("interpreter", RECENT, indirect=True)
def test_a_python_without_tomllib_reports_itself(
    project: str, interpreter: str, id: str, state: str
) -> None:
    options = ("--project", project, "--scope=test", "--format=json", f"--only={id}")
    findings = json.loads(run(interpreter, *COMMAND, *options).stdout)["findings"]
    assert [finding["state"] for finding in findings] == [state]


@pytest.mark.parametrize("interpreter", RECENT, indirect=True)
def test_a_python_without_tomllib_prints_no_packages(project: str, interpreter: str) -> None:
    assert run(interpreter, *COMMAND, "--project", project, "apt").returncode == 2


def test_a_terminal_without_unicode_gets_plain_marks(project: str) -> None:
    done = run(sys.executable, *COMMAND, "--project", project, PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
