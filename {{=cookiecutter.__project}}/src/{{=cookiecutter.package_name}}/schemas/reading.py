"""One measurement from one source."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from {{= cookiecutter.package_name }}.edge import Contract, TableRules


class Reading(Contract):
    """A time-stamped value, as from a sensor, a market feed or a packet counter."""

    table: ClassVar = TableRules(key=("time", "source"), ordered="time", least=1)

    time: AwareDatetime = Field(description="When the value was measured, with a time zone.")
    source: str = Field(
        pattern=r"^[a-z][a-z0-9_.-]*$",
        max_length=64,
        description="What measured the value, such as `boiler-1`.",
    )
    unit: Literal["celsius", "euro", "packets"] = Field(description="Unit of the value.")
    value: float = Field(ge=-100_000, le=100_000, description="The measured value.")
