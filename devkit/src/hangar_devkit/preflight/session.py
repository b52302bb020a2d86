"""The pytest plugin in a project that has a declaration."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from hangar_devkit.ci import in_ci
from hangar_devkit.preflight.catalogue import REQUIRABLE
from hangar_devkit.preflight.errors import UncheckedError
from hangar_devkit.preflight.facts import Facts, environment
from hangar_devkit.preflight.machine import Machine
from hangar_devkit.preflight.report import human
from hangar_devkit.preflight.requires import Requirements
from hangar_devkit.preflight.run import counts, exit_code, run_checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.run import Finding, Run

EXIT_CODE = 78  # EX_CONFIG of sysexits.h; pytest itself uses 0 to 5
MISSING = "missing on this machine: "
FIX = "; fix: "


class Preflight:
    """The checks of one session. All of them share the facts, so that each probe runs once.

    Args:
        config: The configuration of this run of pytest.
        declaration: What the project requires.
    """

    def __init__(self, config: pytest.Config, declaration: Declaration) -> None:
        machine = Machine(str(config.rootpath), environment=sys.prefix)
        scope = "ci" if in_ci(machine.environ) else "test"
        self.config = config
        self.declaration = declaration
        self.facts = Facts(machine, (scope,))
        self.requirements = Requirements(declaration, self.facts)
        self.run: Run | None = None

    def export_variables(self) -> None:
        """Give tests the declared variables: of the environment, of `.env`, or their defaults."""
        values: Mapping[str, str] = os.environ
        with suppress(UncheckedError):  # PF206 reports it
            values = self.facts.of(environment.variables)
        for variable in self.declaration.variables:
            value = values.get(variable.name, variable.default)
            if value:
                os.environ[variable.name] = value

    def pytest_sessionstart(self) -> None:
        """Check the machine once, where tests run: not to collect, not on each worker."""
        option = self.config.option
        worker = hasattr(self.config, "workerinput")
        if not self.declaration.declared or worker or option.collectonly:
            return
        self.run = run_checks(self.declaration, self.facts)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Stop for what is missing and no marker covers.

        Not at the start of the session: there pytest prints the reason twice.
        """
        option = self.config.option
        if self.run and option.preflight == "stop" and exit_code(self.run.findings):
            style = human.Style(colour=option.color == "yes")
            text = f"preflight\n\n{human.render(self.run, style)}{_second_way(self.run.findings)}"
            pytest.exit(text, returncode=EXIT_CODE)

    def pytest_report_header(self) -> str | None:
        """Return one line with the counts."""
        if not self.run:
            return None
        found = counts(self.run.findings).items()
        return f"preflight: {', '.join(f'{number} {state}' for state, number in found if number)}"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuse a marker whose name is not declared: nothing could ever provide it."""
        undeclared = [
            f"{item.nodeid}: requires({name!r})"
            for item in items
            for name in _required(item)
            if name not in self.requirements.known
        ]
        if undeclared:
            known = ", ".join(sorted(self.requirements.known))
            raise pytest.UsageError(
                f"{undeclared[0]} is not declared under [tool.preflight] (allowed: {known})"
            )

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a test that this machine cannot run."""
        for name in _required(item):
            missing = self.requirements.missing_reason(name)
            if missing:
                pytest.skip(f"{MISSING}{name}: {missing.found}{FIX}{missing.fix}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Report how many tests this machine could not run, and the fixes."""
        skipped: dict[str, int] = {}
        for report in terminalreporter.stats.get("skipped", []):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            text = reason.partition(MISSING)[2]
            if text:
                skipped[text] = skipped.get(text, 0) + 1
        if not skipped:
            return
        terminalreporter.section("preflight: not tested on this machine")
        for text, number in sorted(skipped.items()):
            found, _, fix = text.partition(FIX)
            terminalreporter.line(f"{number} test{'s'[: number != 1]}: {found}")
            terminalreporter.line(f"  {human.MARKS['fix']} {fix}")


def _second_way(findings: list[Finding]) -> str:
    """Return what to do instead of installing what is missing."""
    errors = (found for found in findings if found.state == "error" and found.subject)
    names = sorted({found.subject for found in errors if found.id in REQUIRABLE})
    if not names:
        return ""
    markers = "\n".join(f'    @pytest.mark.requires("{name}")' for name in names)
    return (
        f"\nInstall it as shown, or mark the tests that need it, to skip them here:\n{markers}\n"
        "Without such a test add `optional = true` to it in [tool.preflight].\n"
    )


def _required(item: pytest.Item) -> Iterator[str]:
    for mark in item.iter_markers("requires"):
        yield from mark.args
