"""What a run leaves: a directory with its record, its report and its model."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

FILE = "record.json"
REPORT, MODEL = "report", "model"


class Record(BaseModel):
    """A run, as it is told to a tracker.

    Attributes:
        name: Of the run.
        started: When it began.
        ended: When it was over.
        status: How it ended; killed, as long as it has not said.
        experiment: Name that runs share.
        model: Name in the registry.
        alias: Given to the model in the registry.
        parameters: The whole tree.
        metrics: Each by its name.
        history: Loss of each epoch.
        tags: Code, data and lock, and what went wrong.
        run: The tracker's id, as soon as there is one.
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
    tags: dict[str, str] = {}
    run: str | None = None

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read the record of a run's directory."""
        return cls.model_validate_json((directory / FILE).read_text(encoding="utf-8"))

    def write(self, directory: Path) -> None:
        """Write the record, whole or not at all."""
        part = directory / f".{FILE}.part"
        part.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        part.replace(directory / FILE)


def leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Flatten a tree: `training.model.kind` and its value as text, a list as JSON."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value if isinstance(value, str) else json.dumps(value)
