"""Experiments find what decides an outcome, and a red run is explained by what changed."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hangar_devkit.history import cli
from hangar_devkit.history.experiments import prove as proving
from hangar_devkit.history.experiments import red_run, trials
from hangar_devkit.history.experiments.conditions import parse
from hangar_devkit.history.experiments.prove import NOT_PROVEN, _smallest
from hangar_devkit.history.experiments.trials import NATURAL, Condition, Laboratory
from hangar_devkit.history.records import FAILED, PASSED, Run
from hangar_devkit.history.results import Failure, Result
from hangar_devkit.history.store.store import Store

from .suite import Suite

LIVE = """
    import time
    STATE = {}
    def test_polluter(): STATE["x"] = 1
    def test_other(): pass
    def test_victim(): assert "x" not in STATE
    def test_steady(): assert time.time() > 0
    """


class Fake(Laboratory):
    """A laboratory for a test that is alone in its file."""

    def outcomes(self, tests: Sequence[str], condition: Condition) -> dict[str, str]:
        return {}


@pytest.fixture
def prove(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Return what `hangar history prove` prints in the suite."""

    def run(*arguments: str) -> str:
        for name, value in suite.settings().items():
            monkeypatch.setenv(name, value)
        for entry in filter(None, suite.environment.get("PYTHONPATH", "").split(os.pathsep)):
            monkeypatch.syspath_prepend(entry)
        assert cli.main(["--root", str(suite.root), "prove", *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_an_order_decides(suite: Suite, prove: Callable[..., str]) -> None:
    suite.write("test_live.py", LIVE)
    proof = prove("test_live.py::test_victim")
    assert "python -m pytest test_live.py::test_polluter test_live.py::test_victim\n" in proof


def test_the_printed_command_is_the_one_that_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Parallel(Fake):
        def outcome(self, test: str, condition: Condition, *, recorded: bool = False) -> str:
            return trials.FAILED if condition.copies > 1 else trials.PASSED

    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    monkeypatch.setattr(proving, "Laboratory", Parallel)
    proof = proving.prove(tmp_path, "test_it.py::test_it", store=None, budget=60)
    command = "python -m pytest -n0 test_it.py::test_it"
    assert proof.command == f"{command} &\n{command} &\n{command}"


def test_a_test_cannot_write_to_the_terminal(suite: Suite, prove: Callable[..., str]) -> None:
    assert "\x1b" not in prove("test_it.py::test_it[\x1b[31m]")


def test_a_case_with_colons_in_its_id_is_run(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    suite.write(
        "test_live.py",
        """
        import pytest
        @pytest.mark.parametrize("text", ["a::b", "c"])
        def test_case(text): assert text == "c"
        """,
    )
    laboratory = Laboratory(suite.root, time.monotonic() + 60)
    assert laboratory.outcome("test_live.py::test_case[a::b]", NATURAL) == trials.FAILED


def test_a_budget_ends_the_experiments(suite: Suite, prove: Callable[..., str]) -> None:
    suite.write("test_live.py", LIVE)
    assert "not proven" in prove("test_live.py::test_steady", "--budget", "1")


def test_a_test_that_does_not_exist_is_reported(suite: Suite, prove: Callable[..., str]) -> None:
    suite.write("test_live.py", LIVE)
    assert "does not run" in prove("test_live.py::test_nothing")


SKIPS: dict[str, Callable[[Condition], str]] = {
    "everywhere": lambda _: trials.SKIPPED,
    "without a network": lambda c: trials.SKIPPED if c.type == "network" else trials.PASSED,
    "at the end of a month": lambda c: trials.SKIPPED if "31T" in c.name else trials.PASSED,
}


@pytest.mark.parametrize("outcome", SKIPS.values(), ids=SKIPS)
def test_a_skip_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Callable[[Condition], str]
) -> None:
    class Skipping(Fake):
        def outcome(self, test: str, condition: Condition, *, recorded: bool = False) -> str:
            return outcome(condition)

    monkeypatch.setattr(proving, "Laboratory", Skipping)
    proof = proving.prove(tmp_path, "test_it.py::test_it", store=None, budget=60)
    assert proof.verdict == NOT_PROVEN


def condition_holds(suite: Suite, words: str, source: str) -> bool:
    suite.write("test_it.py", source)
    suite.environment["HANGAR_CONDITIONS"] = words
    done = suite.run(recorder=("-p", "hangar_devkit.history.experiments.conditions"))
    return done.returncode == 0


def test_a_shifted_clock_is_shown_by_every_function(suite: Suite) -> None:
    source = """
        import time
        from datetime import date, datetime, timezone
        def test_it():
            years = {
                datetime.now().year, datetime.now(timezone.utc).year, datetime.today().year,
                date.today().year, time.localtime().tm_year, time.gmtime().tm_year,
                int(time.strftime("%Y")), datetime.fromtimestamp(time.time()).year,
            }
            assert years == {2028}
        """
    assert condition_holds(suite, "clock=2028-02-29T12:00", source)


def test_values_of_the_real_classes_are_instances_under_a_shifted_clock(suite: Suite) -> None:
    source = """
        import datetime, pickle
        moment = pickle.loads(pickle.dumps(datetime.datetime.now()))
        def test_it(): assert isinstance(moment, datetime.date)
        """
    assert condition_holds(suite, "clock=+86400", source)


def test_without_a_network_only_this_machine_is_reached(suite: Suite) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        source = f"""
            import socket, pytest
            def test_it():
                socket.create_connection(("127.0.0.1", {server.getsockname()[1]})).close()
                with pytest.raises(OSError):
                    socket.create_connection(("192.0.2.1", 80), timeout=1)
            """
        assert condition_holds(suite, "network=off", source)


def test_memory_is_limited(suite: Suite) -> None:
    source = """
        import pytest
        def test_it():
            with pytest.raises(MemoryError):
                bytearray(200_000_000)
        """
    assert condition_holds(suite, "memory=64", source)


def test_a_path_with_a_space_is_one_condition() -> None:
    assert parse("repeat=2\x1fresults=/a b/c") == {"repeat": "2", "results": "/a b/c"}


def test_the_smallest_part_keeps_its_order() -> None:
    items = [str(number) for number in range(40)]
    assert _smallest(items, lambda part: {"7", "31"} <= set(part)) == ["7", "31"]


def code(suite: Suite) -> None:
    suite.write("shop.py", "def total(): return 2\n")


def new_version(suite: Suite) -> None:
    old = suite.root / "lib/site-packages/dep-1.0.dist-info"
    old.rename(old.with_name("dep-2.0.dist-info"))


def dependency(suite: Suite) -> None:
    new_version(suite)
    suite.write("lib/site-packages/dep.py", "def check(): raise TypeError('renamed')\n")


def machine(suite: Suite) -> None:
    suite.environment["SHOP_URL"] = "other"


def outside(suite: Suite) -> None:
    (suite.root.parent / "service.txt").unlink()


def random_outcome(suite: Suite) -> None:
    (suite.root.parent / "dice.txt").touch()


@pytest.fixture
def green(suite: Suite) -> Suite:
    """A suite that passed twice, and whose test needs code, a package, a variable and a file."""
    suite.write("lib/site-packages/dep.py", "def check(): pass\n")
    (suite.root / "lib/site-packages/dep-1.0.dist-info").mkdir()
    suite.environment["PYTHONPATH"] = f"{suite.root}/lib/site-packages"
    suite.environment["SHOP_URL"] = "shop"
    (suite.root.parent / "service.txt").touch()
    suite.write("shop.py", "def total(): return 1\n")
    suite.write(
        "test_shop.py",
        """
        import os, pathlib, dep, shop
        DICE = pathlib.Path(__file__).parents[1] / "dice.txt"
        def test_shop():
            dep.check()
            assert shop.total() == 1
            assert os.environ["SHOP_URL"] == "shop"
            assert (pathlib.Path(__file__).parents[1] / "service.txt").exists()
            fails = DICE.exists()
            DICE.unlink(missing_ok=True)
            assert not fails
        """,
    )
    suite.run()
    return suite


@pytest.mark.parametrize(
    ("change", "cause"),
    [(code, "code"), (dependency, "dependency"), (machine, "machine"), (outside, "machine"),
     (random_outcome, "chance")],
    ids=["code", "dependency", "machine", "outside", "chance"],
)  # fmt: skip
def test_a_red_run_is_explained(
    green: Suite, prove: Callable[..., str], change: Callable[[Suite], None], cause: str
) -> None:
    change(green)
    green.run()
    assert prove().splitlines()[1] == f"{cause}: test_shop.py::test_shop"


def test_the_evidence_names_the_dependency(green: Suite, prove: Callable[..., str]) -> None:
    dependency(green)
    green.run()
    assert "dep 1.0 -> 2.0" in prove()


MANY = """
import dep, pytest
@pytest.mark.parametrize("number", range(52))
def test_many(number): dep.check()
"""


def test_tests_beyond_the_limit_have_the_cause_of_their_class(
    green: Suite, prove: Callable[..., str]
) -> None:
    green.write("test_many.py", MANY)
    green.run()
    dependency(green)
    green.run()
    assert "cannot tell" not in prove()


BY_DICE = """
import pathlib, pytest
DICE = pathlib.Path(__file__).parents[1] / "dice.txt"
@pytest.fixture(scope="module")
def fails():
    yield DICE.exists()
    DICE.unlink(missing_ok=True)
@pytest.mark.parametrize("number", range(52))
def test_many(number, fails): assert not fails
"""


def test_tests_beyond_the_limit_are_chance_if_all_others_are(
    green: Suite, prove: Callable[..., str]
) -> None:
    green.write("test_many.py", BY_DICE)
    green.run()
    random_outcome(green)
    green.write("test_shop.py", "")
    new_version(green)
    green.run()
    lines = prove().splitlines()
    assert {line.partition(":")[0] for line in lines if "test_many[" in line} == {"chance"}


FIXTURE = """
import pathlib, pytest
DICE = pathlib.Path(__file__).parents[1] / "dice.txt"
@pytest.fixture(scope="%s")
def service():
    count = len(DICE.read_text()) if DICE.exists() else 0
    DICE.write_text("." * (count + 1))
    assert count not in (1, 2)
def test_it(service): pass
"""


@pytest.mark.parametrize("scope", ["function", "module", "session"])
def test_a_fixture_that_fails_by_chance_is_made_again(
    suite: Suite, prove: Callable[..., str], scope: str
) -> None:
    suite.write("test_it.py", FIXTURE % scope)
    suite.run()
    suite.run()
    assert prove().splitlines()[1] == "chance: test_it.py::test_it"


def test_the_evidence_names_the_variable(green: Suite, prove: Callable[..., str]) -> None:
    machine(green)
    green.run()
    assert "env SHOP_URL" in prove()


def undo(change: Callable[[Suite], None]) -> Callable[[Suite], None]:
    """Return what brings back what a change replaced, after the red run."""

    def undone(suite: Suite) -> None:
        if change is code:
            suite.write("shop.py", "def total(): return 1\n")
        elif change is dependency:
            new = suite.root / "lib/site-packages/dep-2.0.dist-info"
            new.rename(new.with_name("dep-1.0.dist-info"))
            suite.write("lib/site-packages/dep.py", "def check(): pass\n")
        else:
            suite.environment["SHOP_URL"] = "shop"

    return undone


@pytest.mark.parametrize(
    ("change", "cause"),
    [(code, "code"), (dependency, "dependency"), (machine, "machine")],
    ids=["code", "dependency", "machine"],
)
def test_what_was_undone_since_a_red_run_is_not_chance(
    green: Suite, prove: Callable[..., str], change: Callable[[Suite], None], cause: str
) -> None:
    change(green)
    green.run()
    undo(change)(green)
    assert prove().splitlines()[1] == f"{cause}: test_shop.py::test_shop"


def test_a_test_whose_content_is_not_known_is_not_run_again(
    green: Suite, prove: Callable[..., str]
) -> None:
    random_outcome(green)
    green.run()
    later = time.time() + 3600
    os.utime(green.root / "shop.py", (later, later))
    assert "not run again: its content is not known now" in prove()


def test_without_a_red_run_there_is_nothing_to_explain(
    green: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["--root", str(green.root), "prove"])
    assert "no run in the history has a failure" in capsys.readouterr().err


def test_a_run_in_which_only_subtests_failed_is_not_explained(
    suite: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    failure = Failure("call", "ValueError", "")
    subtest = Result("test_a.py::test_it (i=1)", 0, FAILED, 1, subtest=True, failures=(failure,))
    with Store.open(suite.path) as store:
        store.add_run(Run("aa", time.time()), [subtest])
    cli.main(["--root", str(suite.root), "prove"])
    assert "only subtests failed" in capsys.readouterr().err


def record(suite: Suite, tests: dict[str, int], code: str = "a") -> None:
    """Record a run of tests with an outcome each, whose code is what `code` stands for."""
    outcomes = [Result(nodeid, 0, each, 1, f"{code}.a.a.a.a") for nodeid, each in tests.items()]
    with Store.open(suite.path) as store:
        store.add_run(Run(code, time.time(), code * 40), outcomes)


def test_a_file_is_compared_with_its_own_tests(suite: Suite, prove: Callable[..., str]) -> None:
    record(suite, {"aXb_test.py::test_it": PASSED})
    record(suite, {"a_b_test.py": FAILED}, code="b")
    assert "the test never passed before" in prove()


def test_git_is_asked_once_for_all_tests(
    suite: Suite, prove: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def suspects(_: Path, good: str, bad: str) -> list[str]:
        asked.append(good + bad)
        return []

    monkeypatch.setattr(red_run, "suspects", suspects)
    tests = ["test_it.py::test_a", "test_it.py::test_b"]
    record(suite, dict.fromkeys(tests, PASSED))
    record(suite, dict.fromkeys(tests, FAILED), code="b")
    prove()
    assert asked == ["a" * 40 + "b" * 40]


def test_a_project_in_a_subdirectory_is_run_with_old_code(
    suite: Suite, prove: Callable[..., str]
) -> None:
    def commit(total: int) -> None:
        suite.write("shop.py", f"def total(): return {total}\n")
        for command in (
            ["init", "--quiet", "--initial-branch=main"],
            ["add", "--all", "."],
            ["commit", "--quiet", f"--message={total}"],
        ):
            git("-c", "user.name=A", "-c", "user.email=a@example.com", *command)

    def git(*arguments: str) -> str:
        return subprocess.check_output(["git", *arguments], cwd=suite.root.parent, text=True)

    suite.write("test_shop.py", "import shop\ndef test_shop(): assert shop.total() == 1\n")
    suite.write(".gitignore", ".cache\n")
    commit(1)
    suite.run()
    commit(2)
    suite.environment["SHOP_URL"] = "other"
    suite.run()
    assert "passes with the code of commit" in prove()


def test_a_proof_needs_no_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--root", str(tmp_path), "prove"])
    assert "no test history" in capsys.readouterr().err
