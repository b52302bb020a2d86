"""What the environment decides. `.env.example` lists every variable; a check keeps them equal."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from variables that begin with `APP_`, then from `.env`."""

    model_config = SettingsConfigDict(env_prefix="APP_", env_file=".env", extra="ignore")

    max_rejects: Annotated[int, Field(ge=0, description="Most bad rows in a file.")] = 1000
    max_reject_share: Annotated[
        float, Field(ge=0, le=1, description="Largest share of bad rows in a file.")
    ] = 0.5
