"""The pytest plugin, in a pytest of its own: it stops, skips, and stays silent."""

from typing import NamedTuple

import pytest

from hangar_devkit.preflight.machine import Machine

pytest_plugins = ["pytester"]
MISSING = (
    '[tool.preflight.libraries]\nlibx = { soname = "libx.so.1", apt = "libx1", url = "https://x" }'
)
UNMARKED = MISSING.replace("libx = ", "liby = ")  # no test of the suite requires it
OPTIONAL = UNMARKED.replace("apt", "optional = true, apt")
SUITE = """\
import pytest

@pytest.mark.requires("libx")
def test_marked(): pass

def test_plain(): pass
"""
FINE = '[tool.preflight]\nignore = ["PF1", "PF2"]\n'


class Outcome(NamedTuple):
    """How a run of pytest ended."""

    returncode: int
    text: str


class Suite:
    """A project with a suite of its own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.folder = pytester.path
        (self.folder / "test_suite.py").write_text(SUITE)
        self.manifest("")

    def manifest(self, declared: str, ignore: str = FINE) -> None:
        """Declare what the project needs."""
        (self.folder / "pyproject.toml").write_text(
            f'{ignore}{declared}\n[tool.pytest.ini_options]\naddopts = "--strict-markers"\n'
        )

    def run(self, *arguments: str) -> Outcome:
        """Run pytest there: in this process, but for the workers of xdist."""
        if "-n2" in arguments:
            result = self.pytester.runpytest_subprocess(*arguments)
        else:
            result = self.pytester.runpytest_inprocess(*arguments)
        return Outcome(int(result.ret), f"{result.stdout.str()}\n{result.stderr.str()}")


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """A suite in a project whose machine is fine, but for what a test declares."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return Suite(pytester)


@pytest.fixture
def unmarked(suite: Suite) -> Suite:
    """A suite without a marker."""
    (suite.folder / "test_suite.py").write_text("def test_plain(): pass\n")
    return suite


def test_an_error_stops_before_the_first_test(suite: Suite) -> None:
    suite.manifest(UNMARKED)
    assert suite.run().returncode == 78


def test_the_fix_is_printed_where_it_stops(suite: Suite) -> None:
    suite.manifest(UNMARKED)
    assert "libx1" in suite.run().text


def test_the_reason_is_printed_once_where_it_stops(suite: Suite) -> None:
    suite.manifest(UNMARKED)
    assert suite.run().text.count("liby does not load") == 1


@pytest.mark.parametrize("way", ['@pytest.mark.requires("liby")', "`optional = true`"])
def test_the_ways_to_go_on_are_named_where_it_stops(suite: Suite, way: str) -> None:
    suite.manifest(UNMARKED)
    assert way in suite.run().text


def test_what_is_declared_as_optional_does_not_stop(unmarked: Suite) -> None:
    unmarked.manifest(OPTIONAL)
    assert unmarked.run().returncode == 0


def test_no_test_runs_where_it_stops(suite: Suite) -> None:
    suite.manifest(UNMARKED)
    assert "passed" not in suite.run().text


def test_under_xdist_the_exit_code_is_the_same(suite: Suite) -> None:
    suite.manifest(UNMARKED)
    assert suite.run("-n2").returncode == 78


def test_collecting_is_not_stopped(unmarked: Suite) -> None:
    unmarked.manifest(UNMARKED)
    assert unmarked.run("--collect-only").returncode == 0


def test_the_option_makes_errors_warnings(unmarked: Suite) -> None:
    unmarked.manifest(UNMARKED)
    assert unmarked.run("--preflight=warn").returncode == 0


def test_the_header_has_the_counts(unmarked: Suite) -> None:
    assert "\npreflight: " in unmarked.run().text


def test_the_header_names_errors_that_do_not_stop(unmarked: Suite) -> None:
    unmarked.manifest(UNMARKED)
    assert "preflight: 1 error, " in unmarked.run("--preflight=warn").text


def test_a_marked_test_is_skipped(suite: Suite) -> None:
    suite.manifest(MISSING)
    assert "1 passed, 1 skipped" in suite.run().text


def test_the_others_run_alone_too(suite: Suite) -> None:
    """A marker covers the library, whatever tests are selected."""
    suite.manifest(MISSING)
    assert "1 passed" in suite.run("-k", "plain").text


def test_a_module_that_cannot_be_imported_is_still_read(suite: Suite) -> None:
    suite.manifest(MISSING)
    (suite.folder / "test_suite.py").write_text(f"import not_installed\n{SUITE}")
    assert suite.run("--ignore=test_suite.py").returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_marker_outside_the_test_paths_does_not_count(suite: Suite) -> None:
    suite.manifest(MISSING)
    (suite.folder / "tests").mkdir()
    with (suite.folder / "pyproject.toml").open("a") as manifest:
        manifest.write('testpaths = ["tests"]\n')
    assert suite.run().returncode == 78


def test_the_skip_has_reason_and_fix(suite: Suite) -> None:
    suite.manifest(MISSING)
    assert (
        "missing on this machine: libx: libx does not load (libx.so.1); fix: "
        in suite.run("-rs").text
    )


def test_the_summary_counts_what_was_not_tested(suite: Suite) -> None:
    suite.manifest(MISSING)
    assert "\n1 test: libx: libx does not load (libx.so.1)\n" in suite.run().text


def test_the_summary_counts_under_xdist(suite: Suite) -> None:
    suite.manifest(MISSING)
    assert "\n1 test: libx: libx does not load (libx.so.1)\n" in suite.run("-n2").text


def test_the_summary_is_silent_where_all_was_tested(unmarked: Suite) -> None:
    assert "not tested on this machine" not in unmarked.run().text


def test_a_marked_test_runs_where_nothing_is_missing(suite: Suite) -> None:
    suite.manifest('[tool.preflight.libraries]\nlibx = { soname = "libc.so.6" }')
    assert "2 passed" in suite.run().text


def test_a_program_can_be_required(suite: Suite) -> None:
    suite.manifest("[tool.preflight.executables]\nlibx = { optional = true }")
    assert "1 passed, 1 skipped" in suite.run().text


def test_a_variable_can_be_required(suite: Suite) -> None:
    suite.manifest("[tool.preflight.environment]\nlibx = 'url'")
    assert "1 passed, 1 skipped" in suite.run().text


VARIABLES = {
    "of `.env`": ("'str'", "VARIABLE_X=value\n"),
    "with a default": ("{ default = 'value' }", ""),
    "of `.env` rather than its default": ("{ default = 'other' }", "VARIABLE_X=value\n"),
}


@pytest.mark.parametrize(("declared", "dotenv"), VARIABLES.values(), ids=VARIABLES)
def test_tests_get_a_declared_variable(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, declared: str, dotenv: str
) -> None:
    monkeypatch.setenv("VARIABLE_X", "")  # restores it at the end, since the plugin sets it
    monkeypatch.delenv("VARIABLE_X")
    suite.manifest(f"[tool.preflight.environment]\nVARIABLE_X = {declared}")
    (suite.folder / ".env").write_text(dotenv)
    (suite.folder / "test_suite.py").write_text(
        "import os\nX = os.environ['VARIABLE_X']\ndef test_it(): assert X == 'value'\n"
    )
    assert suite.run().returncode == 0


def test_a_name_that_nothing_declares_is_refused(suite: Suite) -> None:
    assert suite.run().returncode == pytest.ExitCode.USAGE_ERROR


def test_a_name_that_nothing_declares_is_named(suite: Suite) -> None:
    assert "requires('libx') is not declared under [tool.preflight]" in suite.run().text


def test_a_bad_declaration_is_a_usage_error(suite: Suite) -> None:
    suite.manifest("[tool.preflight.ports]\nweb = 0")
    assert suite.run().returncode == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("words", ["preflight", "PF"])
def test_it_is_silent_where_nothing_is_declared(unmarked: Suite, words: str) -> None:
    unmarked.manifest("", ignore="")
    assert words not in unmarked.run("-q").text


def test_it_is_silent_without_a_manifest(unmarked: Suite) -> None:
    (unmarked.folder / "pyproject.toml").unlink()
    assert unmarked.run("-q", "--strict-markers").returncode == 0


def test_a_marker_works_where_nothing_is_declared(suite: Suite) -> None:
    suite.manifest("", ignore="")
    (suite.folder / "test_suite.py").write_text(SUITE.replace("libx", "net_raw"))
    assert suite.run().returncode == 0


PROBED = """\
import pytest
from hangar_devkit.preflight.machine import Machine

def test_each_library_was_loaded_once():
    assert Machine.loaded == ["libc.so.6"]

@pytest.mark.requires("libx")
def test_marked():
    assert Machine.loaded == ["libc.so.6"]

@pytest.mark.requires("libx")
def test_marked_again():
    assert Machine.loaded == ["libc.so.6"]
"""


def test_markers_reuse_the_probes_of_the_session_start(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def loads(_machine: Machine, name: str) -> bool:
        loaded.append(name)
        return True

    monkeypatch.setattr(Machine, "loaded", loaded, raising=False)
    monkeypatch.setattr(Machine, "loads", loads)
    suite.manifest('[tool.preflight.libraries]\nlibx = { soname = "libc.so.6" }')
    (suite.folder / "test_suite.py").write_text(PROBED)
    assert "3 passed" in suite.run().text


def test_the_plugin_does_not_import_the_command(suite: Suite) -> None:
    suite.manifest("")
    (suite.folder / "test_suite.py").write_text(
        "import sys\ndef test_it(): assert 'hangar_devkit.preflight.cli' not in sys.modules\n"
    )
    result = suite.pytester.runpytest_subprocess()
    assert "1 passed" in result.stdout.str()
