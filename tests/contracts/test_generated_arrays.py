"""Contracts of arrays on generated shapes and types: they accept what plain rules accept."""

import importlib
import sys
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from hangar_devkit.contracts.examples import example
from tests.conftest import Render
from tests.support.arrays import array_contract, array_fields, array_values, should_accept

TRIES = 6  # values for each contract


@pytest.fixture(scope="module")
def base(render: Render) -> Iterator[Any]:
    """The base class of contracts of arrays."""
    source = str(render({"package_name": "meadow", "ml_pipeline": True}) / "src")
    sys.path.insert(0, source)
    yield importlib.import_module("meadow.edge.arrays").ArrayContract
    sys.path.remove(source)


def differences(base: Any, seeds: range) -> list[str]:
    """Return where a contract and the plain rules do not agree: seed, fields and values."""
    found = []
    for seed in seeds:
        random = Random(seed)
        fields = array_fields(random)
        contract = array_contract(base, fields)
        for _ in range(TRIES):
            values = array_values(random, fields)
            try:
                contract.model_validate(values)
                accepts = True
            except ValueError:
                accepts = False
            if accepts != should_accept(fields, values):
                found.append(f"{seed}: accepts: {accepts}, {fields}, {values}")
    return found


def test_contract_accepts_what_plain_rules_accept(base: Any) -> None:
    assert differences(base, range(150)) == []


@pytest.mark.slow
def test_contract_accepts_what_plain_rules_accept_over_thousands(base: Any) -> None:
    assert differences(base, range(150, 3000)) == []


@pytest.mark.parametrize("seed", range(30))
def test_example_of_arrays_is_valid(base: Any, seed: int) -> None:
    contract = array_contract(base, array_fields(Random(seed)))
    assert isinstance(example(contract, Random(seed)), contract)
