"""Configuration loader for `conf/`: base, then the environment, then parameters of one run."""

import os
import re
import secrets
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf

from ..tracking.outbox import OUTBOX

BASE, LOCAL = "base", "local"
EXPERIMENTS = "experiments"  # directory of parameters that a run takes by name
VARIABLE = "PIPELINE_RUN"  # lets several processes share one run, as under Airflow
Files = dict[tuple[str, str | None, str], Any]  # by directory, environment and section
_files: ContextVar[Files | None] = ContextVar("files", default=None)


class Loader(OmegaConfigLoader):
    """Loader of Kedro with a directory for each run, and with overrides that can change a `type`.

    Attributes:
        run: Directory of this run, relative to the project; `${run:}` in the catalog.
    """

    def __init__(
        self,
        conf_source: str | Path,
        env: str | None = None,
        runtime_params: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Use `conf/local` as the environment if it exists and no other is given.

        Raises:
            ValueError: `PIPELINE_RUN` is not a name of a directory in the outbox.
        """
        local = LOCAL if (Path(conf_source) / LOCAL).is_dir() else BASE
        self.run = f"{OUTBOX.as_posix()}/{checked_name(os.environ.get(VARIABLE) or new_name())}"
        options |= {"base_env": BASE, "default_run_env": local}
        options |= {"config_patterns": {"problems": ["problems*"], "sweeps": ["sweeps*"]}}
        with _quiet():
            super().__init__(conf_source, env or local, runtime_params, **options)

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Return one section of the configuration, such as `parameters` or `catalog`."""
        with _quiet():
            OmegaConf.register_new_resolver("run", lambda: self.run, replace=True)
            OmegaConf.register_new_resolver("env", os.environ.get, replace=True)
            if key.startswith(f"{EXPERIMENTS}/"):
                self.config_patterns[key] = [f"{key}.y*ml"]
            if key != "parameters" or key in self.data:
                return super().__getitem__(key)
            given, self.runtime_params = self.runtime_params or {}, {}
            try:
                declared: dict[str, Any] = super().__getitem__(key)
            finally:
                self.runtime_params = given
            return merged(declared, given)

    def _read_raw_config(self, key: str) -> Any:  # of Kedro, which separates it for such a cache
        if (files := _files.get()) is None:
            return super()._read_raw_config(key)
        place = (str(self.conf_source), self.env, key)
        if place not in files:
            files[place] = super()._read_raw_config(key)
        return files[place]


@contextmanager
def read_once(files: Files | None = None) -> Iterator[Files]:
    """Read each file of `conf/` once, so that all that runs in the block has one configuration.

    Args:
        files: What another block yielded, also in another process; None to read anew.
    """
    files = {} if files is None else files
    token = _files.set(files)
    try:
        yield files
    finally:
        _files.reset(token)


def files_read() -> Files:
    """Return what this block of `read_once` read; empty outside of one."""
    return _files.get() or {}


@contextmanager
def _quiet() -> Iterator[None]:
    """Ignore the warning that Kedro uses a deprecated function of OmegaConf."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "register_new_resolver", UserWarning)
        yield


class Whole(dict[str, Any]):
    """A section that replaces the declared section instead of being merged into it."""


def merged(declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Merge given into declared parameters; a section with another `type` is replaced."""
    result = dict(declared)
    for name, value in given.items():
        old = declared.get(name)
        if isinstance(value, Whole):
            result[name] = dict(value)
        elif isinstance(value, Mapping) and isinstance(old, Mapping):
            is_other = "type" in value and value["type"] != old.get("type")
            result[name] = dict(value) if is_other else merged(old, value)
        else:
            result[name] = value
    return result


def checked_name(name: str) -> str:
    """Return the name of a run, which becomes a directory that is deleted after delivery.

    Raises:
        ValueError: The name is not one plain component of a path, so it could leave the outbox.
    """
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._:+-]{0,199}", name):
        raise ValueError(
            f"PIPELINE_RUN={name!r} is not a valid name of a run: begin with a letter, a digit or "
            "`_`, and use only letters, digits and `._:+-`"
        )
    return name


def new_name() -> str:
    """Return a name for a run: the time, for sorting, and random digits, to be unique."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
