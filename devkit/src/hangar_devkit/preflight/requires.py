"""What a single test requires of the machine: the names that `@pytest.mark.requires` may have."""

from __future__ import annotations

from hangar_devkit.preflight.catalogue import CHECKS
from hangar_devkit.preflight.declaration import CAPABILITIES, Requirement
from hangar_devkit.preflight.facts import Facts
from hangar_devkit.preflight.run import judged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.machine import Machine
    from hangar_devkit.preflight.verdicts import Verdict

CHECKED = ("PF206", "PF301", "PF302", "PF311", "PF312", "PF314", "PF315", "PF316")


class Requirements:
    """The requirements that a project declares, and the capabilities that need no declaration.

    Args:
        need: The project's declaration.
        machine: The machine the tests run on.
    """

    def __init__(self, need: Declaration, machine: Machine) -> None:
        declared = {capability.name for capability in need.capabilities}
        undeclared = [Requirement(name) for name in CAPABILITIES if name not in declared]
        self._need = need._replace(capabilities=(*need.capabilities, *undeclared))
        self._facts = Facts(machine)
        self._lacks: dict[str, Verdict] | None = None
        tables = (need.libraries, need.executables, need.variables)
        self.known = {*CAPABILITIES, *(entry.name for table in tables for entry in table)}

    def lack(self, name: str) -> Verdict | None:
        """Why this machine lacks a requirement, and what mends that; ``None`` when it does not.

        What could not be checked counts as there: the test itself will tell.
        """
        if self._lacks is None:
            self._lacks = {}
            for check in CHECKS:
                if check.id in CHECKED:
                    for verdict in judged(check, self._need, self._facts):
                        if verdict.state == "bad":
                            mend = verdict.mend or check.mend_on(self._facts.platform)
                            self._lacks.setdefault(verdict.subject, verdict._replace(mend=mend))
        return self._lacks.get(name)
