"""What is made from a model alone, for random models of every type in pydantic's documentation."""

import json
from random import Random

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, create_model

from hangar_devkit.contracts.compatibility import compare
from hangar_devkit.contracts.examples import Examples, example
from hangar_devkit.contracts.mutation import run
from hangar_devkit.contracts.project import json_schema
from hangar_devkit.contracts.values import EXTREME
from tests.support.models import TYPES, change, draft
from tests.support.verdicts import broken_by_values

QUICK = settings(max_examples=60, deadline=None, database=None, derandomize=True)
SEEDS = st.integers(0, 2**32)
# Their rules are in code, such as the units of a size, so a first draw may be refused.
CODE = {"int by code", "str by code", "ByteSize"}


def one_field(type_: str, seed: int = 0) -> type[BaseModel]:
    """Make a model of one field."""
    made: type[BaseModel] = create_model("One", x=(TYPES[type_](Random(seed)), ...))
    return made


@pytest.mark.parametrize("type_", TYPES)
def test_type_has_an_example(type_: str) -> None:
    assert all(example(one_field(type_, seed), Random(seed)) for seed in range(5))


@pytest.mark.parametrize("type_", sorted(TYPES.keys() - CODE))
def test_first_extreme_draw_is_valid(type_: str) -> None:
    assert all(Examples(one_field(type_, seed), EXTREME).draw(Random(seed)) for seed in range(5))


@given(SEEDS)
@QUICK
def test_generated_model_has_an_example(seed: int) -> None:
    model = draft(Random(seed)).build()
    assert isinstance(example(model, Random(seed)), model)


@given(SEEDS)
@QUICK
def test_schema_of_a_generated_model_is_valid(seed: int) -> None:
    schema = json_schema(draft(Random(seed)).build())
    jsonschema.Draft202012Validator.check_schema(json.loads(json.dumps(schema)))


@given(SEEDS)
@QUICK
def test_schemas_that_accept_different_values_are_not_compatible(seed: int) -> None:
    random = Random(seed)
    old = draft(random)
    before, after = old.build(), change(random, old).build()
    changes = compare({"c": json_schema(before)}, {"c": json_schema(after)})
    reported = {who for each in changes for who in each.breaks}
    # What a reader ignored before has no rule that could be compared.
    if not any("another value" in each.description for each in changes):
        assert broken_by_values(before, after, seed) <= reported


@given(SEEDS)
@settings(QUICK, max_examples=15)
def test_generated_model_is_mutated(seed: int) -> None:
    score = run(draft(Random(seed)).build())
    assert len(score.killed) + len(score.survived) > 0
