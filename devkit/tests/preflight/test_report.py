"""The report for people, and what the report for an issue leaves out."""

import io

import pytest

from hangar_devkit.preflight.report import redacted
from hangar_devkit.preflight.report.human import Style, render, style_of
from hangar_devkit.preflight.run import Finding, Run

from .fakes import Sandbox

LONG = "/opt/a/very/long/path/to/a/program --with many --options that nobody would ever wrap " * 2
FINDINGS = [
    Finding("PF101", "Python", "ok", "Python 3.13.0", "Because.", "", "", ignored=False),
    Finding("PF201", "Lock", "skip", "no lock wanted", "Because.", "", "", ignored=False),
    Finding(
        "PF301",
        "Libraries",
        "error",
        "libpcap does not load " + "and again " * 20,
        "A reason that is long. " * 8,
        LONG,
        "libpcap",
        ignored=False,
    ),
    Finding("PF401", "Engine", "warn", "none", "Because.", "start it", "", ignored=True),
    Finding("PF501", "Memory", "unknown", "no tomllib", "Because.", "", "", ignored=False),
    Finding("PF502", "CPUs", "unknown", "no tomllib", "Because.", "", "", ignored=False),
]
RUN = Run("demo", ("host", "test"), "linux", "3.13.0", FINDINGS)
GOLDEN = """\
preflight · demo · host + test · Python 3.13.0 on linux

! PF401  none (ignored)
         Because.
         → start it

? PF501  could not check: no tomllib
         nor PF502

1 warning · 2 could not be checked · 1 ok · 1 skipped
"""


@pytest.mark.parametrize("width", [60, 80, 120])
def test_only_a_fix_is_wider_than_the_terminal(width: int) -> None:
    lines = render(RUN, Style(width)).splitlines()[1:-1]  # without head and counts
    assert all(len(line) <= width for line in lines if "→" not in line)


def test_a_fix_is_on_one_line_to_be_copied() -> None:
    assert f"         → {LONG}\n" in render(RUN, Style(60))


def test_passed_checks_are_only_counted() -> None:
    assert "PF101" not in render(RUN, Style())


def test_verbose_shows_passed_checks() -> None:
    assert "✓ PF101  Python: Python 3.13.0" in render(RUN, Style(), verbose=True)


def test_the_report_looks_like_this() -> None:
    shown = [finding for finding in FINDINGS if finding.state != "error"]
    assert render(RUN._replace(findings=shown), Style()) == GOLDEN


def test_colour_is_off_where_it_is_off() -> None:
    assert "\033" not in render(RUN, Style())


def test_colour_is_all_that_colour_adds() -> None:
    plain = render(RUN, Style(colour=True))
    for code in ("0", "1", "2", "31", "32", "33", "35", "36"):
        plain = plain.replace(f"\033[{code}m", "")
    assert plain == render(RUN, Style())


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"CI": "1"}, True)],
)
def test_the_environment_decides_about_colour(environ: dict[str, str], *, colour: bool) -> None:
    assert style_of(Terminal(), {"COLUMNS": "80", **environ}).colour is colour


def test_a_pipe_gets_no_colour() -> None:
    assert not style_of(io.StringIO(), {}).colour


@pytest.fixture
def bug_report(sandbox: Sandbox) -> str:
    """The redacted report of a machine with many names."""
    sandbox.environ.update(USER="mallory", HOSTNAME="wonderland", VIRTUAL_ENV="/srv/secret/venv")
    sandbox.environment()
    findings = sandbox.check("PF1", "PF7")
    extra = findings[0]._replace(found="mallory on wonderland | C:\\Users\\mallory\\x")
    run = Run("demo", ("test",), "linux", "3.13.0", [*findings, extra])
    return redacted.render(run, sandbox.build())


@pytest.mark.parametrize("secret", ["mallory", "wonderland", "/srv/secret", "/home/", "demo"])
def test_a_bug_report_has_no_names_and_no_paths(bug_report: str, secret: str) -> None:
    assert secret not in bug_report


def test_a_bug_report_has_no_path_of_the_project(bug_report: str, sandbox: Sandbox) -> None:
    assert str(sandbox.project.parent) not in bug_report


def test_a_bug_report_keeps_what_was_found(bug_report: str) -> None:
    assert "| PF106 | warn | <path> is active, the project's is <environment> |" in bug_report
