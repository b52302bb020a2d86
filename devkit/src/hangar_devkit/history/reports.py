"""What the recorder reads from a report of pytest's, whatever its class."""

from __future__ import annotations

from typing import Any, Protocol


class Report(Protocol):
    """The report of one phase of a test, of a subtest, or of a collection."""

    nodeid: str
    when: str
    outcome: str
    duration: float
    stop: float
    longrepr: Any
    context: Any
    hangar_history: dict[str, Any] | None
    __dict__: dict[str, Any]

    @property
    def longreprtext(self) -> str:
        """The failure as the user sees it."""
        ...
