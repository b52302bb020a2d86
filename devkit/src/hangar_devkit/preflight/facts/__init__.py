"""Facts about the machine. Each probe runs at most once; a crash is a result, too."""

from __future__ import annotations

from hangar_devkit.preflight.errors import UncheckedError

TYPE_CHECKING = False  # saves the import of `typing`
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from hangar_devkit.preflight.machine import Machine

    T = TypeVar("T")


class Facts:
    """Runs probes on a machine and keeps their results.

    Args:
        machine: The machine under test.
        scopes: The scopes of the run; some rules are stricter in CI.
        deep: Whether probes may run other programs.
    """

    def __init__(
        self, machine: Machine, scopes: tuple[str, ...] = ("test",), *, deep: bool = False
    ) -> None:
        self.machine = machine
        self._results: dict[tuple[Any, ...], Any] = {}
        self.platform = machine.platform
        self.scopes = scopes
        self.deep = deep

    def of(self, probe: Callable[..., T], *arguments: object) -> T:
        """Return the result of a probe on this machine.

        Raises:
            UncheckedError: The probe failed; it is not tried again.
        """
        key = (probe, *arguments)
        if key not in self._results:
            try:
                self._results[key] = probe(self.machine, *arguments)
            except UncheckedError as reason:
                self._results[key] = reason
            except Exception as error:  # noqa: BLE001 - a crash is a result
                where = probe.__name__.replace("_", " ")
                self._results[key] = UncheckedError(f"{where}: {type(error).__name__}: {error}")
        found = self._results[key]
        if isinstance(found, UncheckedError):
            raise found
        return found  # type: ignore[no-any-return]
