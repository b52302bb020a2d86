"""Message about readings that were collected."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from {{= cookiecutter.package_name }}.edge import Contract, TableRules


class Batch(Contract):
    """A batch of readings, published to other programs when it is ready."""

    table: ClassVar = TableRules(key=("name",), ordered="collected", least=1)

    name: str = Field(
        pattern=r"^readings-\d{8}T\d{4}(-\d{1,3})?\.jsonl$",
        description="Name of the document with the readings.",
    )
    rows: int = Field(ge=1, le=1_000_000, description="Number of readings.")
    collected: AwareDatetime = Field(description="When the readings were fetched.")
