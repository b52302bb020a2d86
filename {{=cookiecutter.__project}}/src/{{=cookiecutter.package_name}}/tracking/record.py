"""Record of a run, which is stored next to its report and its model."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

FILE = "record.json"
REPORT, MODEL = "report", "model"


class Record(BaseModel):
    """A run, as delivered to a tracker.

    Attributes:
        name: Name of the run.
        started: Start time.
        ended: End time.
        status: How the run ended; `killed` until it reports otherwise.
        experiment: Name of the experiment, which groups runs.
        model: Name of the model in the registry; empty to register none.
        alias: Alias of the model in the registry.
        parameters: All parameters, nested.
        metrics: Metrics by name.
        history: Loss of each epoch.
        validation: Loss of each epoch on the validation part.
        tags: Code, data and lock file of the run, and its error.
        run: ID of the run in the tracker, once it has one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    started: AwareDatetime
    ended: AwareDatetime
    status: Literal["finished", "failed", "killed"]
    experiment: str
    model: str
    alias: str
    parameters: dict[str, Any]
    metrics: dict[str, float] = {}
    history: list[float] = []
    validation: list[float] = []
    tags: dict[str, str] = {}
    run: str | None = None

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read the record from the directory of a run."""
        return cls.model_validate_json((directory / FILE).read_text(encoding="utf-8"))

    def write(self, directory: Path) -> None:
        """Write the record atomically."""
        part = directory / f".{FILE}.part"
        part.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        part.replace(directory / FILE)


def leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Flatten a tree: yield dotted names, and values as text or, for lists, as JSON."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value if isinstance(value, str) else json.dumps(value)
