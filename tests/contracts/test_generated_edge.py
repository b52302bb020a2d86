"""The edge of a project on generated contracts: every reader says what the contract says."""

import importlib
import sys
import warnings
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.conftest import Render
from tests.support.edge_checks import CHECKS, FindingError
from tests.support.models import draft

MODELS = 1000


@pytest.fixture(scope="module")
def edge(render: Render) -> Iterator[Any]:
    """The edge of a project with tables."""
    source = str(render({"package_name": "meadow", "ml_pipeline": True}) / "src")
    sys.path.insert(0, source)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    importlib.import_module("meadow.edge.tables")
    yield importlib.import_module("meadow.edge")
    sys.dont_write_bytecode = before
    sys.path.remove(source)


def findings(edge: Any, name: str, seeds: range) -> list[str]:
    """Return where a reader does not agree with a contract: seed and difference."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pydantic, about odd values
        for seed in seeds:
            try:
                CHECKS[name](edge, draft(Random(seed), base=edge.Contract), seed)
            except FindingError as error:
                found.append(f"{seed}: {error}")
    return found


@pytest.mark.parametrize("name", CHECKS)
def test_reader_says_what_a_contract_says(edge: Any, name: str) -> None:
    assert findings(edge, name, range(40)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_reader_says_what_a_thousand_contracts_say(edge: Any, name: str) -> None:
    assert findings(edge, name, range(40, MODELS)) == []
