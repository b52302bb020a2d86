"""A project's own edge and contracts, imported from a rendered project."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hangar_devkit.contracts.examples import table
from tests.conftest import Render

PACKAGE = "orchard"


@pytest.fixture(scope="session")
def project(render: Render) -> Path:
    """A rendered project. Read it only."""
    return render({"package_name": PACKAGE})


@pytest.fixture(scope="session")
def package(project: Path) -> Iterator[str]:
    """The name of the project's package, which can be imported."""
    sys.path.insert(0, str(project / "src"))
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    # All at once: tests of the command import the project afresh, then put back what was there.
    importlib.import_module(f"{PACKAGE}.schemas")
    yield PACKAGE
    sys.dont_write_bytecode = before
    sys.path.remove(str(project / "src"))


@pytest.fixture(scope="session")
def edge(package: str) -> Any:
    """The project's edge."""
    importlib.import_module(f"{package}.edge.load")  # an attribute of it, as tests use it
    return importlib.import_module(f"{package}.edge")


@pytest.fixture(scope="session")
def reading(package: str) -> Any:
    """The example's contract."""
    return importlib.import_module(f"{package}.schemas").Reading


@pytest.fixture(scope="session")
def good(reading: Any) -> list[str]:
    """Lines of a good CSV file, without line ends, the header first."""
    records = [each.model_dump(mode="json") for each in table(reading, 30, Random(1))]
    return [",".join(reading.model_fields), *(",".join(map(str, r.values())) for r in records)]
