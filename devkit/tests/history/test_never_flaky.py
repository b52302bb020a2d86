"""Histories that look flaky and are not: none of them may be proven."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from _pytest.config import Config, get_config

from hangar_devkit.history.analysis.findings import examine
from hangar_devkit.history.analysis.flakiness import FLAKY, Attempt, judge
from hangar_devkit.history.output import junit
from hangar_devkit.history.recording.session_facts import describe_invocation, machine
from hangar_devkit.history.records import ERROR, FAILED, PASSED, SKIPPED, XFAILED, XPASSED
from hangar_devkit.history.store.store import Store

from .suite import RERUNS, Suite, key, write_files

# --- something that decides changed: the key must change with it

FILES = {
    "pyproject.toml": "[project]\nname = 'shop'\n",
    "pytest.ini": "[pytest]\n",
    "uv.lock": "a",
    "requirements-dev.txt": "a",
    ".env": "A=1",
    ".env.local": "A=1",
    "settings.yaml": "a: 1",
    "schemas/order.json": "{}",
    "scripts/tool.py": "print(1)\n",
    "README.md": "Hello",
    "src/shop/__init__.py": "from .cart import total\n",
    "src/shop/cart.py": "import os\nMODE = os.getenv('SHOP_MODE')\ntotal = 1\n",
    "src/shop/rates.csv": "1",
    "tests/conftest.py": "",
    "tests/data/big.json": "[]",
    "tests/expected.md": "a",
    "tests/test_shop.py": (
        "import shop\n"
        "FILES = ['settings.yaml', 'schemas/order.json', 'scripts/tool.py', 'README.md']\n"
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_files(tmp_path, FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_another_content(root: Path, name: str) -> None:
    before = key(root)
    with (root / name).open("a", encoding="utf-8") as file:
        file.write("# more")
    assert key(root) != before


@pytest.mark.parametrize(
    "name",
    ["SHOP_MODE", "DATABASE_URL", "TZ", "LANG", "LC_ALL", "PYTHONWARNINGS", "PYTHONUTF8",
     "DJANGO_SETTINGS_MODULE", "NO_COLOR", "COLUMNS", "HTTP_PROXY", "HOME", "CI_JOB_NAME",
     "GITHUB_JOB", "TOX_ENV_NAME", "NOX_CURRENT_SESSION", "MATRIX_BACKEND", "CUDA_VISIBLE_DEVICES",
     "GIT_DIR", "DISPLAY"],
)  # fmt: skip
def test_a_changed_variable_is_another_content(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = key(root)
    monkeypatch.setenv(name, "other")
    assert key(root) != before


@pytest.mark.parametrize("name", ["GITHUB_RUN_ID", "TERM_SESSION_ID", "SSH_CLIENT", "WINDOWID"])
def test_a_variable_of_the_session_is_not(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = key(root)
    monkeypatch.setenv(name, "other")
    assert key(root) == before


def test_a_port_in_a_variable_is_not(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG_ADDRESS", "localhost:54321")
    before = key(root)
    monkeypatch.setenv("DEBUG_ADDRESS", "localhost:54322")
    assert key(root) == before


def test_a_virtual_environment_on_the_path_is_not(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key(root)
    (root / "venv/bin").mkdir(parents=True)
    (root / "venv/pyvenv.cfg").touch()
    monkeypatch.setenv("PATH", f"{root}/venv/bin{os.pathsep}{os.environ['PATH']}")
    assert key(root) == before


def test_a_value_of_the_environment_cannot_be_read_from_the_facts(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PIN", "xq-4711-secret")
    assert "4711" not in repr(machine(root, {}))


@pytest.fixture
def describe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """Return what the options of a command line mean for the content."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "other.ini").write_text("[pytest]\nxfail_strict = true\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def described(*arguments: str) -> dict[str, str]:
        config: Config = get_config([*arguments])
        config.parse([*arguments])
        try:
            return describe_invocation(config)
        finally:
            config._ensure_unconfigure()

    return described


@pytest.mark.parametrize(
    "arguments",
    [["-W", "error::DeprecationWarning"], ["-p", "no:doctest"], ["-p", "no:capture"], ["-s"],
     ["--import-mode=importlib"], ["--strict-markers"], ["--runxfail"], ["--doctest-modules"],
     ["-o", "xfail_strict=true"], ["-o", "filterwarnings=error"], ["--assert=plain"],
     ["--log-level=DEBUG"], ["-c", "other.ini"]],
    ids=" ".join,
)  # fmt: skip
def test_another_option_is_another_content(
    describe: Callable[..., dict[str, str]], arguments: list[str]
) -> None:
    assert describe(*arguments) != describe()


@pytest.mark.parametrize(
    "arguments",
    [["-k", "one"], ["-x"], ["-v"], ["-q"], ["--tb=short"], ["--lf"], ["--durations=3"],
     ["--junitxml=x.xml"], ["-m", "slow"], ["-rA"], ["-o", "cache_dir=x"]],
    ids=" ".join,
)  # fmt: skip
def test_a_selection_or_another_output_is_not(
    describe: Callable[..., dict[str, str]], arguments: list[str]
) -> None:
    assert describe(*arguments) == describe()


# --- outcomes by key, one attempt a run, a letter each

OUTCOMES = {"P": PASSED, "F": FAILED, "E": ERROR, "x": XFAILED, "X": XPASSED, "s": SKIPPED}
HISTORIES = {
    "a regression and its fix": ("PPPFFFPPP", "aaabbbccc"),
    "a fix on the next run": ("PPFPP", "aabcc"),
    "a regression that is reverted": ("PPFFPP", "aabbaa"),
    "a regression that stays": ("PPPPFFFF", "aaaabbbb"),
    "always failing": ("FFFFFFFF", "aaaaaaaa"),
    "always failing over contents": ("FFFFFFFF", "aabbccdd"),
    "a flag that no key shows": ("PPPPFFFF", "aaaaaaaa"),
    "a flag, flipped and back": ("PPPFFFPPP", "aaaaaaaaa"),
    "a service that is down for a while": ("PPPFFFFPP", "aaaaaaaaa"),
    "a broken set-up for a while": ("PPPEEEPPP", "aaaaaaaaa"),
    "a dependency, bumped and pinned": ("PPFFPP", "aabbaa"),
    "a matrix of two legs": ("PFPFPFPF", "abababab"),
    "a matrix of three legs": ("PFPPFPPFP", "abcabcabc"),
    "a laptop and a CI job": ("PPFPFPFF", "aabababb"),
    "an expected failure": ("xPxPxP", "aaaaaa"),
    "an expected failure that passes": ("xXxXxX", "aaaaaa"),
    "a skip between": ("sPsPsP", "aaaaaa"),
    "skipped, then failing": ("sFsFsF", "aaaaaa"),
    "expected, then failing": ("xFxFxF", "aaaaaa"),
    "contents that are unknown": ("PFPFPF", "000000"),
    "one content unknown": ("PFPF", "a0b0"),
    "first run": ("F", "a"),
    "only failure and pass of two contents": ("FP", "ab"),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "keys"), HISTORIES.values(), ids=HISTORIES)
def test_a_history_is_not_proven(steps: str, keys: str) -> None:
    attempts = [
        Attempt(i, 0, OUTCOMES[step], 0 if key == "0" else ord(key))
        for i, (step, key) in enumerate(zip(steps, keys, strict=True))
    ]
    called = {judge(attempts[:n]).verdict for n in range(1, len(attempts) + 1)}
    assert FLAKY not in called


# --- real sessions

BY_OPTION = """
    import pytest
    def pytest_addoption(parser):
        parser.addoption("--backend", default="sqlite")
"""


def by_option(suite: Suite) -> None:
    suite.write("conftest.py", BY_OPTION)
    suite.write(
        "test_it.py",
        "def test_it(pytestconfig): assert pytestconfig.getoption('backend') == 'sqlite'\n",
    )


def plain_failure(suite: Suite) -> None:
    suite.write("test_it.py", "def test_it(): assert 1 == 2\n")


def warns(suite: Suite) -> None:
    suite.write("test_it.py", "import warnings\ndef test_it(): warnings.warn('x', UserWarning)\n")


def two_items(suite: Suite) -> None:
    suite.write("test_it.py", '"""\n>>> 2 + 2\n5\n"""\n\ndef test_it(): pass\n')


def hidden_try(suite: Suite) -> None:
    """Hide the failed call of a try, as the plugin `flaky` does."""
    suite.write(
        "conftest.py",
        """
        import pytest
        from _pytest.runner import runtestprotocol
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            for report in runtestprotocol(item, nextitem=nextitem, log=False):
                if report.when != "call":
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
        """,
    )
    suite.write("test_it.py", "def test_it(): assert 1 == 2\n")


def collect_twice(suite: Suite) -> None:
    suite.write("test_it.py", "import missing_module\n")


SESSIONS: dict[str, tuple[Callable[[Suite], None], Sequence[Sequence[str]]]] = {
    "a matrix over an option": (by_option, ([], ["--backend=postgres"], [])),
    "warnings as errors once": (warns, ([], ["-W", "error"], [])),
    "a plan between": (plain_failure, ([], ["--setup-plan"], [])),
    "set-up only between": (plain_failure, ([], ["--setup-only"], [])),
    "two items with one node id": (two_items, (["--doctest-modules"], ["--doctest-modules"])),
    "a plugin that hides a try": (hidden_try, ([], ["-p", "no:cacheprovider"])),
    "one file, two errors": (collect_twice, (["--doctest-modules"], ["--doctest-modules"])),
}


@pytest.mark.parametrize(("write", "sessions"), SESSIONS.values(), ids=SESSIONS)
def test_sessions_prove_nothing(
    suite: Suite, write: Callable[[Suite], None], sessions: Sequence[Sequence[str]]
) -> None:
    write(suite)
    for options in sessions:
        suite.run(*options)
    if suite.path.exists():
        with Store.read(suite.path) as store:
            assert FLAKY not in {v.verdict for v in examine(store).verdicts.values()}
    else:
        assert not suite.path.with_name("history.sqlite.dirty").exists()


def test_a_rerun_by_the_plugin_is_a_proof(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
        from pathlib import Path
        def test_it():
            seen = Path(__file__).with_suffix(".seen")
            first = not seen.exists()
            seen.touch()
            assert not first
        """,
    )
    suite.run(*RERUNS, "--reruns", "1")
    with Store.read(suite.path) as store:
        assert examine(store).verdicts["test_it.py::test_it"].verdict == FLAKY


def test_two_items_with_one_node_id_are_two_tests(suite: Suite) -> None:
    two_items(suite)
    suite.run("--doctest-modules")
    assert {nodeid for nodeid, _, _ in suite.outcomes()} == {"test_it", "test_it #2"}


JUNIT = "<testsuites><testsuite>{}</testsuite></testsuites>"
FAILED_CASE = '<testcase file="test_it.py" name="test_it[{}]"><failure message="no"/></testcase>'
PASSED_CASE = '<testcase file="test_it.py" name="test_it[{}]"/>'
REPORTS = {
    "two tests with masked parameters": JUNIT.format(
        FAILED_CASE.format("password=abcdefgh") + PASSED_CASE.format("password=ijklmnop")
    ),
    "two suites of two jobs": JUNIT.format(
        FAILED_CASE.format("a") + "</testsuite><testsuite>" + PASSED_CASE.format("a")
    ),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_an_imported_report_proves_nothing(tmp_path: Path, report: str) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(report, encoding="utf-8")
    _, results = junit.read(path)
    assert [(each.nodeid.partition("#")[1:], each.attempt) for each in results] == [
        (("", ""), 0),
        (("#", "2"), 0),
    ]
