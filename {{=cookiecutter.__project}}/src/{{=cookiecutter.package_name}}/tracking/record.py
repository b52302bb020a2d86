"""Record of a run, which is stored next to its report and its model."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

FILE = "record.json"
SENT = "sent.json"  # the record of a failed run that was delivered, and can go on
REPORT, MODEL = "report", "model"


class Record(BaseModel):
    """A run, as delivered to a tracker.

    Attributes:
        name: Name of the run.
        started: Start time.
        ended: End time.
        status: How the run ended; `killed` until it reports otherwise.
        is_rejected: Whether the gate rejected its model, so that it cannot go on.
        experiment: Name of the experiment, which groups runs.
        model: Name of the model in the registry; empty to register none.
        alias: Alias of the best model in the registry.
        candidate: Whether its model may get an alias; a repeat or a point of a sweep may not.
        metric: Metric that decides which of two models is better; empty if there is none.
        mode: Whether a higher (`max`) or a lower (`min`) value is better.
        store: Where the run belongs, without credentials.
        env: Directory of `conf/` that declared it; None for the default.
        source: Command that started the run.
        user: Who started it.
        label: Name to show; None is `name`.
        parent: ID of the run that it is a part of; None if there is none.
        parameters: All parameters, nested.
        metrics: Metrics by name.
        history: Loss of each epoch.
        validation: Loss of each epoch on the validation part.
        tags: Code, lock file and data of the run, the data of its evaluation, and its error.
        run: ID of the run in the tracker, once it has one.
    """

    # Without it NaN is written as null, and the record cannot be read.
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants")

    name: str
    started: AwareDatetime
    ended: AwareDatetime
    status: Literal["finished", "failed", "killed"]
    is_rejected: bool = False
    experiment: str
    model: str
    alias: str
    candidate: bool = True
    metric: str = ""
    mode: Literal["max", "min"] = "max"
    store: str = ""
    env: str | None = None
    source: str = ""
    user: str = ""
    label: str | None = None
    parent: str | None = None
    parameters: dict[str, Any]
    metrics: dict[str, float] = {}
    history: list[float] = []
    validation: list[float] = []
    tags: dict[str, str] = {}
    run: str | None = None

    @classmethod
    def read(cls, directory: Path, name: str = FILE) -> Self:
        """Read the record from the directory of a run.

        Raises:
            OSError: It cannot be read, or is damaged.
        """
        try:
            return cls.model_validate_json((directory / name).read_text(encoding="utf-8"))
        except ValueError as error:  # of pydantic, or of the encoding
            reason = str(error).splitlines()[0]
            raise OSError(f"{directory / name} is damaged: {reason}") from error

    @property
    def can_go_on(self) -> bool:
        """Whether steps that it lacks may run later."""
        return self.status != "finished" and not self.is_rejected

    def write(self, directory: Path) -> None:
        """Write the record atomically, so that a power cut leaves the old or the new one."""
        part = directory / f".{FILE}.part"
        with part.open("w", encoding="utf-8") as file:
            file.write(self.model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(directory / FILE)


def leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Flatten a tree: yield dotted names, and values as text or, for lists, as JSON."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value if isinstance(value, str) else json.dumps(value)
