"""No secret is stored: those of the cases below, and those that a secret scanner knows."""

from pathlib import Path
from typing import Any

import pytest

from hangar_devkit.history import masks
from hangar_devkit.history.masks import mask_compared, mask_nodeid, mask_secrets
from hangar_devkit.history.recording.inspector import ExceptionInspector
from hangar_devkit.history.recording.recorder import Recorder

from .leaks import findings, rules, sample
from .suite import Suite

SECRETS = {
    "url": "postgresql://bob:hunter2@db/x",
    "url, @ in the password": "postgresql://bob:hunter2@hunter2@db/x",
    "url, token as the user": "https://hunter2@example.com/x",
    "url, signed": "https://example.com/x?sig=hunter2&size=1",
    "json": '{"password": "hunter2"}',
    "json in json": '"{\\"password\\": \\"hunter2\\"}"',
    "bytes": "{b'password': b'hunter2'}",
    "pwd": "pwd=hunter2",
    "variable": "DB_PASS=hunter2",
    "cookie": "Cookie: session=hunter2; theme=hunter2",
    "header": "Authorization: Bearer hunter2hunter2",
    "pair": "[('Authorization', 'Bearer hunter2')]",
    "pair of bytes": "(b'x-api-key', b'hunter2')",
    "curl": "curl -u bob:hunter2 https://example.com",
    "option": "run --password hunter2 now",
    "short": "password=hu2",
    "next line": "password:\n    hunter2",
    "next line of a traceback": "E   password=\nE   hunter2",
    "account key": "AccountName=x;AccountKey=hunter2==;EndpointSuffix=y",
    "webhook": "https://hooks.slack.com/services/hunter2/B0/x",
    "prefix": "hf_" + "hunter2" * 6,
    "element": "<password>hunter2</password>",
    "item": "config['password'] = 'hunter2'",
    "constructor": "Settings(user='bob', token=Secret('hunter2'), port=3)",
    "list": "tokens=['hunter2', 'hunter2']",
    "yaml": "  db_password: hunter2",
    "arrow": "'secret' => 'hunter2'",
    "random": "the answer was k9XzQ27hu2LmPq4RtB8w",
    "traceback": "> assert found.token == x\nE  AssertionError: assert 'hu2' == 'hunter2'\n",
    "diff": "> assert password == x\nE  assert 'a' == 'b'\nE    - hunter2\nE    + hu2\n",
}
ORDINARY = [
    "KeyError: 'name'",
    "def login(password: str, token: str | None = None) -> str:",
    "assert token == expected",
    "commit 9af3bd0c4ff1aa6bb0c79af3bd0c4ff1aa6bb0c7",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "PytestRemovedIn10Warning: TestConfigurationLoader.test_something_2_long_name_with_words",
    "/usr/lib/python3.11/site-packages/_pytest/python.py:195",
    "2026-11-28T04:30:00.123456+00:00",
    "ValueError: invalid literal for int() with base 10: 'abc'",
    "HTTPConnectionPool(host='localhost', port=8080): Max retries exceeded with url: /x",
    "    if password:\n        connect()",
    "sorted(rows, key=lambda row: row.name)",
    "> assert count == 'x'\nE  AssertionError: assert 'a' == 'x'\n",
]
UNKNOWN = {
    "airtable-personnal-access-token", "curl-auth-header", "facebook-access-token", "fal-api-key.1",
    "generic-api-key", "generic-password", "midtrans-production-server-client-key",
    "slack-app-token", "slack-legacy-token", "sumologic-access-id", "zai-api-key",
}  # fmt: skip
"""Rules that find something in a masked text: in samples that are the shortest matches."""


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_masked(text: str) -> None:
    assert "hu" not in mask_secrets(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_kept(text: str) -> None:
    assert mask_secrets(text) == text


def test_the_scanner_finds_nothing_in_a_masked_text() -> None:
    samples = [sample(pattern, seed) for pattern in rules().values() for seed in range(2)]
    masked = "\n\n\n".join(map(mask_secrets, samples))
    assert {finding["rule_id"] for finding in findings(masked)} <= UNKNOWN


def test_the_samples_are_secrets_to_the_scanner() -> None:
    samples = [sample(pattern, 0) for pattern in rules().values()]
    found = {finding["rule_id"] for finding in findings("\n\n\n".join(samples))}
    assert len(found) > 350


def test_a_value_of_the_environment_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "_known_values", set())
    masks.learn_environment({"DATABASE_TOKEN": "plain words", "EDITOR": "vi and me"})
    assert mask_secrets("plain words of vi and me") == "*** of vi and me"


def test_only_the_parameters_of_a_node_id_are_masked() -> None:
    assert mask_nodeid("a.py::test_token:x[token=abcdef]") == "a.py::test_token:x[token=***]"


def test_what_an_assertion_about_a_secret_compared_is_masked() -> None:
    assert (
        mask_compared("assert user.password == x", "assert 'abc' == 'def'") == "assert *** == ***"
    )


def test_no_file_of_the_history_has_a_secret(suite: Suite) -> None:
    suite.environment["APP_TOKEN"] = "hunter2 of the environment"  # noqa: S105 - made up
    suite.write(
        "test_it.py",
        """
        import os, pytest
        @pytest.mark.parametrize("password", ["hunter2-param"])
        def test_plain(password): pass
        @pytest.mark.parametrize("url", ["https://bob:hunter2@example.com"])
        def test_url(url): raise ValueError(f"cannot open {url}")
        def test_subtests(subtests):
            with subtests.test("login", password="hunter2"):
                assert False
        def test_environment(): raise ValueError(os.environ["APP_TOKEN"])
        def test_compared():
            password = "hunter2" + "-compared"
            assert password == "other"
        """,
    )
    suite.run()
    suite.exported()
    files = [file for file in suite.path.parent.rglob("*") if file.is_file()]
    content = b"".join(file.read_bytes() for file in files)
    # A traceback shows the source of the tests, with the secrets that are in it.
    lines = [line for line in content.split(b"\n") if b"hunter2" in line]
    assert [line for line in lines if b'"hunter2' not in line] == []


def test_the_environment_is_learned_once_a_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(masks, "learn_environment", calls.append)
    recorder = Recorder(tmp_path, tmp_path / "history.sqlite")
    phases: list[Any] = ["call", "teardown"]
    reports: list[Any] = [
        pytest.TestReport(nodeid, ("test_it.py", 1, nodeid), {}, "passed", None, when)
        for nodeid in (f"test_it.py::test_it[{number}]" for number in range(3))
        for when in phases
    ]
    recorder.write(reports)
    assert len(calls) == 1


def test_a_secret_that_a_test_puts_into_the_environment_is_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspector = ExceptionInspector(tmp_path)
    inspector.describe(ValueError("first"), "call")
    monkeypatch.setenv("SHOP_SECRET", "quiet-meadow")
    assert "meadow" not in inspector.describe(ValueError("quiet-meadow"), "call").message
