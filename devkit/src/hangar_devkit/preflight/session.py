"""What the pytest plugin does in a project that has a declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hangar_devkit.ci import in_ci
from hangar_devkit.preflight import requires
from hangar_devkit.preflight.cli import look
from hangar_devkit.preflight.machine import Machine
from hangar_devkit.preflight.options import Options
from hangar_devkit.preflight.report import human
from hangar_devkit.preflight.run import counts, exit_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.report import Run

EXIT_CODE = 78  # EX_CONFIG of sysexits.h; pytest itself uses 0 to 5
SKIPPED = "this machine lacks "


class Preflight:
    """The checks of one session.

    Args:
        config: The configuration of this run of pytest.
        need: The project's declaration.
    """

    def __init__(self, config: pytest.Config, need: Declaration) -> None:
        self.config = config
        self.need = need
        self.run: Run | None = None
        self.requirements = requires.Requirements(need, _machine(config))

    def pytest_sessionstart(self) -> None:
        """Check the machine once, where tests are to run: not to collect, not on each worker."""
        option = self.config.option
        worker = hasattr(self.config, "workerinput")
        if not self.need.declared or worker or option.collectonly:
            return
        machine = _machine(self.config)
        scope = "ci" if in_ci(machine.environ) else "test"
        self.run = look(self.need, Options(frozenset(), scopes=(scope,)), machine)
        if option.preflight == "stop" and exit_code(self.run.findings):
            style = human.Style(colour=option.color == "yes")
            pytest.exit(f"preflight\n\n{human.render(self.run, style)}", returncode=EXIT_CODE)

    def pytest_report_header(self) -> str | None:
        """One line with the counts."""
        if not self.run:
            return None
        found = counts(self.run.findings).items()
        return f"preflight: {', '.join(f'{number} {state}' for state, number in found if number)}"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuse a marker that names what is nowhere declared: it could never be met."""
        wrong = [
            f"{item.nodeid}: requires({name!r})"
            for item in items
            for name in _required(item)
            if name not in self.requirements.known
        ]
        if wrong:
            known = ", ".join(sorted(self.requirements.known))
            raise pytest.UsageError(
                f"{wrong[0]} is not declared under [tool.preflight] (allowed: {known})"
            )

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a test that this machine cannot run."""
        for name in _required(item):
            lack = self.requirements.lack(name)
            if lack:
                pytest.skip(f"{SKIPPED}{name}: {lack.found}; mend: {lack.mend}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many tests this machine could not run, and what mends that."""
        lacks: dict[str, int] = {}
        for report in terminalreporter.stats.get("skipped", []):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            text = reason.partition(SKIPPED)[2]
            if text:
                lacks[text] = lacks.get(text, 0) + 1
        if not lacks:
            return
        terminalreporter.section("preflight: not tested on this machine")
        for text, number in sorted(lacks.items()):
            found, _, mend = text.partition("; mend: ")
            terminalreporter.line(f"{number} test{'s'[: number != 1]}: {found}")
            terminalreporter.line(f"  {human.MARKS['mend']} {mend}")


def _required(item: pytest.Item) -> Iterator[str]:
    for mark in item.iter_markers("requires"):
        yield from mark.args


def _machine(config: pytest.Config) -> Machine:
    import sys

    return Machine(str(config.rootpath), environment=sys.prefix)
