"""The commands, on the history of a real suite."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from hangar_devkit.history import cli, quarantine
from hangar_devkit.history.output.formatting import wrapped
from hangar_devkit.history.store.store import Store

from .suite import RERUNS, XDIST, Suite

FIELDS = {
    "schema", "type", "run", "nodeid", "attempt", "phase", "exception", "error_class", "title",
    "flaky", "started", "commit", "message", "frames", "traceback", "quarantined", "milliseconds",
}  # fmt: skip


@pytest.fixture
def failed(suite: Suite) -> Suite:
    """A project whose suite ran once, with two failures of one class."""
    suite.write("shop.py", "def total(x):\n    return 1 / x\n")
    suite.write(
        "test_shop.py",
        """
        import shop
        def test_one(): shop.total(0)
        def test_two(): shop.total(0)
        def test_three(): pass
        """,
    )
    suite.write("CODEOWNERS", "* @all\n*.py @shop\n")
    suite.run()
    return suite


def command(suite: Suite, *arguments: str) -> int:
    return cli.main(["--root", str(suite.root), *arguments])


def triage(suite: Suite, *arguments: str) -> int:
    return cli.triage_main(["--root", str(suite.root), *arguments])


def test_the_summary_names_the_class(failed: Suite) -> None:
    assert "2 failures, 1 error class" in failed.run().stdout


def test_the_summary_names_what_to_fix_first(failed: Suite) -> None:
    assert "history: fix first: E-" in failed.run().stdout


def test_export_has_the_fields_of_the_format(
    failed: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    command(failed, "export")
    assert set(json.loads(capsys.readouterr().out.splitlines()[0])) == FIELDS


def test_import_twice_adds_nothing(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    runs = failed.root / "runs.jsonl"
    command(failed, "export", "--all", "--output", str(runs))
    command(failed, "import", str(runs))
    assert capsys.readouterr().out == "0 new runs\n"


def test_an_imported_history_exports_the_same(
    failed: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, other = failed.root / "runs.jsonl", str(failed.root / "other/h.sqlite")
    command(failed, "export", "--all", "--output", str(runs))
    cli.main(["--store", other, "import", str(runs)])
    capsys.readouterr()
    cli.main(["--store", other, "export"])
    there = capsys.readouterr().out
    command(failed, "export")
    assert capsys.readouterr().out == there


def test_merge_copies_what_is_missing(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    other = str(failed.root / "other/h.sqlite")
    for _ in range(2):
        cli.main(["--store", other, "merge", str(failed.path)])
    assert capsys.readouterr().out == "1 new run\n0 new runs\n"


@pytest.mark.parametrize("text", ["{", '{"type": "run"}', '{"type": "other"}', "[]", "1"])
def test_a_bad_line_is_named(failed: Suite, capsys: pytest.CaptureFixture[str], text: str) -> None:
    bad = failed.root / "bad.jsonl"
    bad.write_text(text, encoding="utf-8")
    command(failed, "import", str(bad))
    assert capsys.readouterr().err.startswith(f"hangar history: {bad}, line 1: ")


def test_a_bad_line_imports_nothing(failed: Suite) -> None:
    bad = failed.root / "bad.jsonl"
    command(failed, "export", "--all", "--output", str(bad))
    bad.write_text(bad.read_text(encoding="utf-8").replace('"uid": "', '"uid": "x') + "{")
    command(failed, "import", str(bad))
    assert failed.query("SELECT count(*) FROM run") == [(1,)]


def test_junit_xml_gives_the_same_class(failed: Suite) -> None:
    failed.run("--junitxml=junit.xml", "--tb=short", recorder=())
    command(failed, "import", str(failed.root / "junit.xml"))
    assert len({f["error_class"] for f in failed.exported()}) == 1


def test_junit_xml_with_entities_is_refused(failed: Suite) -> None:
    bad = failed.root / "bad.xml"
    bad.write_text('<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>', encoding="utf-8")
    assert command(failed, "import", str(bad)) == 2


def test_triage_names_the_owner(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    triage(failed, "--format", "json")
    assert json.loads(capsys.readouterr().out)["items"][0]["owners"] == ["@shop"]


def test_triage_names_file_and_line(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    triage(failed, "--format", "json")
    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert f"{item['path']}:{item['line']}" == "shop.py:2"


def test_triage_writes_the_job_summary(
    failed: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    triage(failed, "--ci-summary")
    assert "ZeroDivisionError in total" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_an_issue_holds_the_traceback(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    (item,) = {str(f["error_class"]) for f in failed.exported()}
    triage(failed, "--issue", item)
    assert "return 1 / x" in capsys.readouterr().out


def test_no_history_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.triage_main(["--root", str(tmp_path)])
    assert capsys.readouterr().err.startswith("hangar triage: no test history at ")


@pytest.mark.parametrize("option", ["--markdown", "--html"])
def test_a_page_has_no_external_address(failed: Suite, option: str) -> None:
    page = failed.root / "page"
    command(failed, "pages", option, str(page))
    assert "http" not in page.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("option", ["--markdown", "--html"])
def test_a_page_has_diagrams(failed: Suite, option: str) -> None:
    page = failed.root / "page"
    command(failed, "pages", option, str(page))
    assert page.read_text(encoding="utf-8").count("<figure><svg") == 3


@pytest.fixture
def page(failed: Suite) -> str:
    """The page of a history with an open class."""
    path = failed.root / "page.html"
    command(failed, "pages", "--html", str(path))
    return path.read_text(encoding="utf-8")


def test_a_page_links_each_class_to_its_tests(page: str) -> None:
    (name,) = re.findall(r'<code id="(E-\w+)">', page)
    assert re.findall(r'href="#(E-\w+)"', page) == [name, name, name]


def test_a_page_lists_the_tests_of_a_class(page: str) -> None:
    assert page.count("<li><code>test&#95;shop.py::test&#95;one</code></li>") == 2


def test_a_page_has_a_key_of_its_colours(page: str) -> None:
    assert all(f">{word}</text>" in page for word in ("passed", "failed", "skipped", "not run"))


def test_a_page_lists_resolved_classes(failed: Suite) -> None:
    failed.write("test_shop.py", "def test_one(): pass\ndef test_two(): pass\n")
    for _ in range(3):
        failed.run()
    path = failed.root / "page.html"
    command(failed, "pages", "--html", str(path))
    _, _, resolved = path.read_text(encoding="utf-8").partition("<h2>Resolved error classes</h2>")
    assert re.search(r'<code id="E-\w+">.*<td>resolved</td>', resolved)


OLD_LINES = """\
{"kind": "run", "format": 1, "uid": "old", "started": 1e9, "revision": "abc"}
{"kind": "result", "nodeid": "test_a.py::test_a", "outcome": "passed"}
"""


def test_runs_that_an_old_version_exported_are_imported(failed: Suite) -> None:
    failed.write("old.jsonl", OLD_LINES)
    command(failed, "import", str(failed.root / "old.jsonl"))
    assert failed.query("SELECT \"commit\", tests FROM run WHERE uid='old'") == [("abc", 1)]


def test_triage_has_a_schema_version(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    triage(failed, "--format", "json")
    assert json.loads(capsys.readouterr().out)["schema"] == 2


def test_show_names_the_verdict(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    command(failed, "show", "test_shop.py::test_one")
    assert "unknown: not enough runs" in capsys.readouterr().out


def test_show_takes_a_class(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    (name,) = {str(f["error_class"]) for f in failed.exported()}
    command(failed, "show", name)
    assert f"1. {name}  ZeroDivisionError in total" in capsys.readouterr().out


@pytest.mark.parametrize("workers", [(), (*XDIST, "-n", "2")], ids=["sequential", "two workers"])
def test_triage_first_runs_the_likeliest_failures_first(
    failed: Suite, workers: tuple[str, ...]
) -> None:
    failed.write("test_a.py", "def test_a(): pass\n")
    failed.run("--triage-first", *workers)
    ((first,),) = failed.query(
        "SELECT group_concat(nodeid) FROM result JOIN test ON test.id=result.test"
        " WHERE run=2 AND position=0"
    )
    assert "test_one" in str(first)


def put(suite: Suite, days: int) -> None:
    expires = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)
    entries = [
        quarantine.Entry(f"test_shop.py::test_{n}", "@shop", "races", expires)
        for n in ("one", "two")
    ]
    quarantine.write(suite.root, entries)


@pytest.mark.parametrize("days", [0, 5])
def test_a_quarantined_failure_does_not_fail_the_run(failed: Suite, days: int) -> None:
    put(failed, days)
    assert failed.run().returncode == pytest.ExitCode.OK


def test_a_quarantined_failure_is_recorded(failed: Suite) -> None:
    put(failed, 5)
    failed.run()
    assert failed.query("SELECT count(*) FROM failure WHERE run=2 AND quarantined") == [(2,)]


def test_an_expired_entry_fails_the_run(failed: Suite) -> None:
    put(failed, -1)
    failed.write("test_shop.py", "def test_one(): pass\ndef test_two(): pass\n")
    assert failed.run().returncode == pytest.ExitCode.TESTS_FAILED


def test_a_broken_quarantine_is_one_line(failed: Suite) -> None:
    failed.write("quarantine.toml", '[[test]]\nid = "x"\n')
    assert "quarantine.toml: test 1: `owner` is missing" in failed.run().stderr


def test_calm_tests_are_proposed_for_release(
    failed: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    put(failed, 5)
    with Store.open(failed.path) as store, store.transaction() as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 170)"
            " INSERT INTO run SELECT i, 'r' || i, 4e9 + i, 1, '', '', 0, 1, '', '', '', '', '',"
            " '', '', 1, 0 FROM n"
        )
        connection.execute(
            "INSERT INTO result SELECT run.id, test.id, 0, 0, 1, 0, 0, 0 FROM run, test"
            " WHERE run.id >= 100"
        )
    command(failed, "quarantine", "check")
    assert capsys.readouterr().out.count("ready for release") == 2


QUARANTINE = ("--owner", "@shop", "--reason", "races")
SHOP = "test_shop.py::test_one"


def test_a_test_that_is_not_proven_flaky_is_refused(
    failed: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    command(failed, "quarantine", "add", SHOP, *QUARANTINE)
    assert f"{SHOP} is not proven flaky" in capsys.readouterr().err


def test_a_test_that_is_refused_is_not_quarantined(failed: Suite) -> None:
    command(failed, "quarantine", "add", SHOP, *QUARANTINE)
    assert quarantine.read(failed.root) == []


def test_a_test_that_does_not_exist_is_refused(
    failed: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    command(failed, "quarantine", "add", "test_shop.py::test_none", "--unproven", *QUARANTINE)
    assert "test_shop.py::test_none: no such test in the history" in capsys.readouterr().err


def test_a_test_that_is_quarantined_unproven_is_marked(failed: Suite) -> None:
    command(failed, "quarantine", "add", SHOP, "--unproven", *QUARANTINE)
    assert [(entry.id, entry.unproven) for entry in quarantine.read(failed.root)] == [(SHOP, True)]


def test_a_flaky_test_is_quarantined(failed: Suite) -> None:
    failed.write(
        "test_shop.py",
        """
        from pathlib import Path
        def test_one():
            tries = Path(__file__).with_suffix(".tries")
            tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
            assert len(tries.read_text()) == 2
        """,
    )
    failed.run(*RERUNS, "--reruns", "1")
    command(failed, "quarantine", "add", SHOP, *QUARANTINE)
    assert [(entry.id, entry.unproven) for entry in quarantine.read(failed.root)] == [(SHOP, False)]


def test_a_quarantine_without_end_fails_the_check(failed: Suite) -> None:
    put(failed, 365)
    assert command(failed, "quarantine", "check") == 1


def test_a_broken_line_keeps_its_indentation() -> None:
    assert wrapped(["  one two"], 7) == ["  one", "    two"]


def test_no_control_character_reaches_the_terminal(
    suite: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    suite.write("test_it.py", "def test_it(): raise ValueError('\\x1b[31m red \\x07 bell')\n")
    output = suite.run("--tb=no", "-rN").stdout
    triage(suite)
    command(suite, "show", "test_it.py::test_it")
    assert not {"\x1b", "\x07"} & set(output + capsys.readouterr().out)


def test_a_file_shows_its_tests(failed: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    command(failed, "show", "test_shop.py")
    assert "  test_shop.py::test_one\n" in capsys.readouterr().out


@pytest.fixture
def on_terminal(
    failed: Suite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """The queue on a terminal of 80 columns, without its colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    capsys.readouterr()
    triage(failed)
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


def test_the_queue_fits_a_terminal(on_terminal: str) -> None:
    assert max(map(len, on_terminal.splitlines())) <= 80


def test_a_terminal_shows_what_a_file_does(
    failed: Suite,
    on_terminal: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FORCE_COLOR")
    triage(failed)
    assert on_terminal.split() == capsys.readouterr().out.split()


def test_a_doctest_is_named_by_what_it_expected(suite: Suite) -> None:
    suite.write("shop.py", "def f():\n    '''\n    >>> 1 + 1\n    3\n    '''\n")
    suite.run("--doctest-modules", "shop.py")
    assert [failure["message"] for failure in suite.exported()] == ["1 + 1: expected '3', got '2'"]
