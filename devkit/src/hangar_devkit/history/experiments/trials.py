"""Runs tests in a pytest of their own, under given conditions."""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hangar_devkit.history.experiments.conditions import VARIABLE

PLUGIN: Final = "hangar_devkit.history.experiments.conditions"
PASSED: Final = "passed"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
MISSING: Final = "missing"
_FEW: Final = 20
_SWITCHES: Final = {
    "pytest_randomly": ("-p", "no:randomly"),
    "random_order": ("-p", "no:random_order"),
    "xdist": ("-n0",),
}
"""Module of a plugin -> the options that switch it off."""


class OutOfTimeError(Exception):
    """The budget of an experiment is spent."""


@dataclass(frozen=True)
class Condition:
    """What is changed in a trial.

    Attributes:
        name: What to call it.
        type: Type of flakiness that it shows when it flips the outcome.
        words: Conditions for the plugin.
        environment: Variables of the environment.
        before: Tests that run before, in order.
        copies: How many copies run at the same time.
    """

    name: str
    type: str = ""
    words: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    copies: int = 1


NATURAL: Final = Condition("alone, as it is")


@dataclass
class Laboratory:
    """Runs trials in one project, until the budget is spent.

    Attributes:
        root: The project's root.
        deadline: End of the budget, on the monotonic clock.
        options: Further options of pytest.
    """

    root: Path
    deadline: float
    options: Sequence[str] = ()

    def outcome(self, test: str, condition: Condition, *, recorded: bool = False) -> str:
        """Return the outcome of a test under a condition; one copy that fails decides.

        Raises:
            OutOfTimeError: The budget is spent.
        """
        with contextlib.ExitStack() as stack:
            running = [
                stack.enter_context(self._started([*condition.before, test], condition, recorded))
                for _ in range(condition.copies)
            ]
            outcomes = [self._finish(process, results).get(test) for process, results in running]
        if FAILED in outcomes:
            return FAILED
        return outcomes[0] or MISSING

    def outcomes(self, tests: Sequence[str], condition: Condition) -> dict[str, str]:
        """Return the outcome of each test in one session.

        Raises:
            OutOfTimeError: The budget is spent.
        """
        with self._started(tests, condition, recorded=False) as (process, results):
            return self._finish(process, results)

    @contextlib.contextmanager
    def _started(
        self, tests: Sequence[str], condition: Condition, recorded: bool
    ) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        if time.monotonic() >= self.deadline:
            raise OutOfTimeError
        with tempfile.TemporaryDirectory(prefix="hangar-prove-") as directory:
            results = Path(directory, "results.jsonl")
            words = [*condition.words, f"results={results}"]
            if len(tests) > 1 or "[" in tests[0]:
                order = Path(directory, "order.txt")
                order.write_text("\n".join(tests), encoding="utf-8")
                words.append(f"order={order}")
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "pytest", "-p", PLUGIN, "-q", "--no-header"),
                    *(*self.switches(condition), *self.options),
                    *dict.fromkeys(_arguments(tests)),
                ],
                cwd=self.root,
                env=self._environment(condition, words, recorded),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                yield process, results
            finally:
                _kill(process)

    def switches(self, condition: Condition) -> list[str]:
        """Return the options with which only a natural trial has a random order and workers."""
        if condition is NATURAL or "PYTEST_DISABLE_PLUGIN_AUTOLOAD" in os.environ:
            return []
        return [
            word
            for module, words in _SWITCHES.items()
            if importlib.util.find_spec(module)
            for word in words
        ]

    def _environment(
        self, condition: Condition, words: Sequence[str], recorded: bool
    ) -> dict[str, str]:
        environment = {**os.environ, **condition.environment, VARIABLE: "\x1f".join(words)}
        environment.pop("PYTEST_CURRENT_TEST", None)
        if not recorded:
            environment["DEVKIT_HISTORY"] = "0"
        return environment

    def _finish(self, process: subprocess.Popen[bytes], results: Path) -> dict[str, str]:
        try:
            process.wait(max(0.1, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            raise OutOfTimeError from error
        return read(results)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a session and what it started; on Windows the session alone."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _arguments(tests: Sequence[str]) -> Iterator[str]:
    """Yield what to collect, which the plugin reduces to the tests.

    Without the parameters of a case, since pytest cannot find one whose id contains `::`; and many
    tests by their files, which keeps the command line short.
    """
    few = len(tests) <= _FEW
    for test in tests:
        yield test.partition("[")[0] if few else test.partition("::")[0]


def read(results: Path) -> dict[str, str]:
    """Return the outcome of each test in a file of results."""
    outcomes: dict[str, str] = {}
    if results.exists():
        for line in results.read_text(encoding="utf-8").splitlines():
            nodeid, when, outcome = json.loads(line)
            known = outcomes.get(nodeid)
            if FAILED in {outcome, known}:
                outcomes[nodeid] = FAILED
            elif when == "call" or outcome == SKIPPED:
                outcomes[nodeid] = outcome
    return outcomes
