"""Requirements of single tests: the names that `@pytest.mark.requires` accepts."""

from __future__ import annotations

from hangar_devkit.preflight.catalogue import CHECKS, REQUIRABLE
from hangar_devkit.preflight.declaration import CAPABILITIES, Requirement
from hangar_devkit.preflight.run import evaluate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict


class Requirements:
    """What a project declares, and the capabilities that are known without a declaration.

    Args:
        declaration: What the project requires.
        facts: Facts about the machine; what they hold already is not probed again.
    """

    def __init__(self, declaration: Declaration, facts: Facts) -> None:
        declared = {capability.name for capability in declaration.capabilities}
        undeclared = [Requirement(name) for name in CAPABILITIES if name not in declared]
        self._declaration = declaration._replace(
            capabilities=(*declaration.capabilities, *undeclared)
        )
        self._facts = facts
        self._missing: dict[str, Verdict] | None = None
        tables = (declaration.libraries, declaration.executables, declaration.variables)
        self.known = {*CAPABILITIES, *(entry.name for table in tables for entry in table)}

    def missing_reason(self, name: str) -> Verdict | None:
        """Return why a requirement is missing, with the fix; ``None`` where it is not.

        What could not be checked counts as present: the test itself will show.
        """
        if self._missing is None:
            self._missing = {}
            for check in CHECKS:
                if check.id in REQUIRABLE:
                    for verdict in evaluate(check, self._declaration, self._facts):
                        if verdict.state == "bad":
                            fix = verdict.fix or check.fix_on(self._facts.platform)
                            self._missing.setdefault(verdict.subject, verdict._replace(fix=fix))
        return self._missing.get(name)
