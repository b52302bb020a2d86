"""Facts about the machine: each probe runs at most once, and one that crashes is a result."""

from __future__ import annotations

TYPE_CHECKING = False  # saves the import of `typing`
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from hangar_devkit.preflight.machine import Machine

    T = TypeVar("T")


class UncheckedError(Exception):
    """A fact could not be found out; the text says why."""


class Facts:
    """Runs probes on a machine and keeps what they found.

    Args:
        machine: What the probes look at.
        scopes: What the run is for; some rules judge otherwise in CI.
        deep: Whether a probe may start other programs.
    """

    def __init__(
        self, machine: Machine, scopes: tuple[str, ...] = ("test",), *, deep: bool = False
    ) -> None:
        self._machine = machine
        self._kept: dict[tuple[Any, ...], Any] = {}
        self.platform = machine.platform
        self.scopes = scopes
        self.deep = deep

    def of(self, probe: Callable[..., T], *arguments: object) -> T:
        """What a probe finds on this machine.

        Raises:
            UncheckedError: The probe failed; it is not tried again.
        """
        key = (probe, *arguments)
        if key not in self._kept:
            try:
                self._kept[key] = probe(self._machine, *arguments)
            except UncheckedError as reason:
                self._kept[key] = reason
            except Exception as error:  # noqa: BLE001 - a crash is a result
                where = probe.__name__.replace("_", " ")
                self._kept[key] = UncheckedError(f"{where}: {type(error).__name__}: {error}")
        found = self._kept[key]
        if isinstance(found, UncheckedError):
            raise found
        return found  # type: ignore[no-any-return]
