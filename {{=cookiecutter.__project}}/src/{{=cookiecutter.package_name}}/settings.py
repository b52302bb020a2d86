"""Settings from environment variables. A check keeps `.env.example` up to date with them."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings, read from variables that begin with `APP_`, then from `.env`."""

    model_config = SettingsConfigDict(env_prefix="APP_", env_file=".env", extra="ignore")

    max_rejects: Annotated[
        int, Field(ge=0, description="Maximum number of invalid rows in a file.")
    ] = 1000
    max_reject_share: Annotated[
        float,
        Field(ge=0, le=1, description="Maximum share of invalid rows in a file, from 0 to 1."),
    ] = 0.5
