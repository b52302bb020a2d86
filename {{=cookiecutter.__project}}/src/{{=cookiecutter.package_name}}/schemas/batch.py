"""The announcement of readings that were collected."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from {{= cookiecutter.package_name }}.edge import Contract, TableRules


class Batch(Contract):
    """What other programs are told when readings are ready."""

    table: ClassVar = TableRules(key=("name",), ordered="collected", least=1)

    name: str = Field(
        pattern=r"^readings-\d{8}T\d{4}\.jsonl$", description="Where the readings are kept."
    )
    rows: int = Field(ge=1, le=1_000_000, description="How many there are.")
    collected: AwareDatetime = Field(description="When they were fetched.")
