"""A tracker for tests."""

from pathlib import Path

from my_project.tracking.port import (
    PastRun,
    TrackingError,
    Version,
)
from my_project.tracking.record import Record


class MemoryTracker:
    """Tracker that keeps runs and models in memory."""

    def __init__(self) -> None:
        self._runs: dict[str, Record] = {}
        self._models: dict[str, list[str]] = {}
        self._holders: dict[tuple[str, str], list[int]] = {}

    def deliver(self, record: Record, directory: Path) -> str:
        run = record.run or f"run-{len(self._runs):04}"
        self._runs[run] = record
        runs = self._models.setdefault(record.model, [])
        if (directory / "model").exists() and run not in runs:
            runs.append(run)
        return run

    def recall(self, run: str) -> PastRun:
        if run not in self._runs:
            raise TrackingError(run)
        record = self._runs[run]
        return PastRun(record.parameters, record.metrics, record.tags)

    def versions(self, name: str) -> list[Version]:
        runs = self._models.get(name, [])
        return [self._version(name, number, runs[number - 1]) for number in range(len(runs), 0, -1)]

    def _version(self, name: str, number: int, run: str) -> Version:
        record = self._runs[run]
        held = [
            alias
            for (model, alias), each in self._holders.items()
            if model == name and each[-1] == number
        ]
        return Version(
            number=number,
            run=run,
            started=record.started,
            metric=record.metric,
            mode=record.mode,
            value=record.metrics.get(record.metric),
            data=record.tags.get("evaluated", ""),
            aliases=tuple(sorted(held)),
        )

    def holders(self, name: str, alias: str) -> list[int]:
        return self._holders.get((name, alias), [])

    def assign(self, name: str, alias: str, holders: list[int]) -> None:
        self._holders[name, alias] = holders

    def model(self, name: str, alias: str, target: Path) -> Path:
        numbers = [int(alias)] if alias.isdecimal() else self.holders(name, alias)
        if not numbers:
            raise TrackingError(name)
        (target / "detector.skops").write_text(self._models[name][numbers[-1] - 1])
        return target
