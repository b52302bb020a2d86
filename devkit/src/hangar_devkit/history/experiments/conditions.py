"""A pytest plugin that runs tests under the conditions of an experiment.

The variable `HANGAR_CONDITIONS` holds them as words: `clock=+86400` (seconds later),
`clock=2028-02-29T12:00` (frozen), `random=3` (seed of each test), `network=off`, `memory=64`
(megabytes more than after the collection), `order=FILE` (node ids in order, one a line), `repeat=5`
(until a pass), and `results=FILE` (outcomes as JSON Lines).
"""

import datetime as dt
import json
import os
import random
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol

VARIABLE: Final = "HANGAR_CONDITIONS"
_open = open  # tests may patch it
_MEGABYTE: Final = 1_048_576
_LOCAL: Final = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared only


def parse(text: str) -> dict[str, str]:
    """Return the conditions in the text of the variable."""
    return dict(word.split("=", 1) for word in text.split("\x1f" if "\x1f" in text else None))


class Conditions:
    """The conditions of one session.

    Args:
        words: What `parse` returned.
    """

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words
        self._results = words.get("results")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort the tests, if an order is given."""
        if "order" in self._words:
            lines = Path(self._words["order"]).read_text(encoding="utf-8").splitlines()
            rank = {nodeid: number for number, nodeid in enumerate(lines)}
            items[:] = [item for item in items if item.nodeid in rank]
            items.sort(key=lambda item: rank[item.nodeid])

    def pytest_collection_finish(self) -> None:
        """Limit the memory, if that is a condition."""
        if "memory" in self._words:
            limit_memory(int(self._words["memory"]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Seed the generators that a test may use without a seed."""
        if "random" in self._words:
            seed = int(self._words["random"])
            random.seed(seed)
            numpy = sys.modules.get("numpy")
            if numpy is not None:
                numpy.random.seed(seed)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> bool | None:
        """Repeat a test until it passes, if that is a condition."""
        times = int(self._words.get("repeat", "1"))
        if times == 1:
            return None
        state = item.session._setupstate  # noqa: SLF001 - as rerunfailures does
        parent: Any = item.parent  # else the item keeps the error of its set-up
        for number in range(times):
            if number:
                item._initrequest()  # type: ignore[attr-defined]  # noqa: SLF001 - as above
            reports = runtestprotocol(item, log=False, nextitem=parent)
            if all(report.outcome != "failed" for report in reports):
                break
            if any(report.outcome == "failed" and report.when == "setup" for report in reports):
                state.teardown_exact(None)  # a fixture of a wider scope keeps its error, too
        state.teardown_exact(nextitem)
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the outcome of a phase."""
        self._write(report.nodeid, report.when or "", report.outcome)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Write that a file could not be collected."""
        if report.outcome == "failed":
            self._write(report.nodeid, "collect", "failed")

    def _write(self, nodeid: str, when: str, outcome: str) -> None:
        if self._results:
            with _open(self._results, "a", encoding="utf-8") as file:
                file.write(json.dumps([nodeid, when, outcome]) + "\n")


def shift_clock(value: str) -> None:
    """Let `time` and `datetime` show another time: `+N` seconds from now, or a frozen moment.

    Sources that import names from these modules get the changed ones, since this runs first.
    """
    real_time, real_format = time.time, time.strftime
    real_local, real_utc = time.localtime, time.gmtime
    is_offset = value[0] in "+-"
    start = float(value) if is_offset else dt.datetime.fromisoformat(value).timestamp()

    def now() -> float:
        return real_time() + start if is_offset else start

    time.time = now
    time.time_ns = lambda: int(now() * 1e9)
    time.localtime = lambda seconds=None: real_local(now() if seconds is None else seconds)
    time.gmtime = lambda seconds=None: real_utc(now() if seconds is None else seconds)
    time.strftime = lambda text, moment=None: real_format(
        text, time.localtime() if moment is None else moment
    )
    _shift_classes(now)


def _shift_classes(now: Callable[[], float]) -> None:
    """Replace the classes of `datetime` by ones with another present."""

    class Meta(type):
        """Let values of the real classes count as instances."""

        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, cls.__mro__[1])

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, cls.__mro__[1])

    class Datetime(dt.datetime, metaclass=Meta):
        """The class `datetime`, with another present."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:  # noqa: ANN401 - as typeshed
            return cls.fromtimestamp(now(), tz)

        @classmethod
        def today(cls) -> Any:  # noqa: ANN401
            return cls.fromtimestamp(now())

        @classmethod
        def utcnow(cls) -> Any:  # noqa: ANN401
            return cls.fromtimestamp(now(), dt.UTC).replace(tzinfo=None)

    class Date(dt.date, metaclass=Meta):
        """The class `date`, with another today."""

        @classmethod
        def today(cls) -> Any:  # noqa: ANN401
            return cls.fromtimestamp(now())

    for name, type_ in (("datetime", Datetime), ("date", Date)):
        type_.__name__ = type_.__qualname__ = name
        type_.__module__ = "datetime"
        setattr(dt, name, type_)


def block_network() -> None:
    """Let connections to other machines fail, as without a network."""
    real_connect, real_lookup = socket.socket.connect, socket.getaddrinfo

    def is_local(host: object) -> bool:
        return not isinstance(host, str) or not host or host.startswith(_LOCAL)

    def connect(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - as typeshed
        if isinstance(address, tuple) and not is_local(address[0]):
            raise OSError(101, "Network is unreachable")
        real_connect(self, address)

    def lookup(host: Any, *rest: Any, **options: Any) -> Any:  # noqa: ANN401
        if not is_local(host):
            raise socket.gaierror(-3, "Temporary failure in name resolution")
        return real_lookup(host, *rest, **options)

    socket.socket.connect = connect  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = lookup


def limit_memory(megabytes: int) -> None:
    """Limit this process to so much memory more than it has now; on Linux only."""
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + megabytes * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Apply the conditions in the process that runs the tests."""
    config.pluginmanager.register(Conditions(_WORDS), "hangar_history_conditions")


def _apply(words: dict[str, str]) -> None:
    if "clock" in words:
        shift_clock(words["clock"])
    if words.get("network") == "off":
        block_network()


_WORDS: Final = parse(os.environ.get(VARIABLE, ""))
_apply(_WORDS)
