"""One measurement from one source."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Reading(BaseModel):
    """A time-stamped value, as from a sensor, a market feed or a packet counter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: AwareDatetime = Field(description="When it was measured, with its time zone.")
    source: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]*$", max_length=64)] = (
        Field(description="Who measured it, such as `boiler-1`.")
    )
    value: float = Field(
        allow_inf_nan=False, description="What was measured, in the source's unit."
    )
