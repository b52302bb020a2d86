"""Prove the tools for contracts on generated models of every type in pydantic's documentation.

Each model is drawn by a seed, and so is a change of it. What the tools make from the schema must
agree with what the models accept. Then faults are put into the tools, one by one: each must be
found by the same checks.

Usage: nox -s foreign -- contracts [--models N]    write the page when N is at least 1,000
"""

import argparse
import contextlib
import importlib
import multiprocessing
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import jsonschema
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from hangar_devkit.contracts import compatibility, mutation, schema_generator, values
from hangar_devkit.contracts.examples import Examples, example
from hangar_devkit.contracts.project import json_schema
from hangar_devkit.contracts.schema_reader import Field
from hangar_devkit.docs import contracts as page
from scripts import wheel
from tests.support import edge_checks
from tests.support.edge_checks import FindingError, NotCheckedError
from tests.support.models import TYPES, Draft, change, draft
from tests.support.render import by_api
from tests.support.template import snapshot
from tests.support.verdicts import broken_by_values

PAGE = wheel.ROOT / "docs/reference/foreign/contracts.md"
MODELS = 1000
PROGRESS = 500  # models between two lines about it
Patch = AbstractContextManager[Any]
PER_TYPE = 10  # models of one field, for each type
DRAWS = 10
UNCHECKED = "not checked: "
# Their rules are in code, such as the units of a size: a draw may be refused, and is drawn again.
CODE = {"int by code", "str by code", "ByteSize"}
HEAD = """\
# Contracts of every type

`nox -s foreign -- contracts` draws pydantic models by seeds, and compares what `hangar contracts`
makes from their schemas with what the models accept. It wrote this page.

- **example**: `example()` returns a valid record.
- **strategy**: what Hypothesis draws first is valid, at least eight times of ten.
- **schema**: the exported document is valid JSON Schema 2020-12.
- **compatibility**: two models that accept different values are never called compatible, and whom
  the values break is named.
- **mutation**: mutants are made, and some are refused.
- **page**: the field is described with its type.
- **table**: a Polars table refuses the rows that the contract refuses, and no others.
- **JSON Lines**, **CSV**: so does a file; a cell means what pydantic reads in text, or is refused.
- **guesses**: what pydantic would guess is refused, such as digits as a time, `1_0`, or `1.0` as an
  int.
- **saved as CSV**, **saved as JSON Lines**: what is saved is read back equal. It is refused only
  where pydantic itself does not read back what it writes, or where CSV has no form, as for a list.

"not checked" has its reason. A type that reads files while it validates, such as `FilePath`, or has
no JSON Schema, such as `Callable`, is not part of the run; `EmailStr` needs a package that this
repository does not install.
"""


@dataclass(frozen=True)
class Case:
    """A model, and a change of it.

    Attributes:
        old: The model before the change.
        new: The model after it.
        seed: The seed of both, and of the values that are tried.
    """

    old: Draft
    new: Draft
    seed: int

    @property
    def types(self) -> set[str]:
        """The names of the types of the fields."""
        return {type_ for type_, *_ in self.old.fields.values()}


def main(arguments: list[str]) -> int:
    """Run the checks and the faults; return 0 when all agree and all faults are found."""
    with project_edge() as edge:
        for name, check in edge_checks.CHECKS.items():
            CHECKS[name] = partial(check_edge, edge, check)
        return run(edge, arguments)


@contextmanager
def project_edge() -> Iterator[Any]:
    """Import the edge of a project with tables, rendered from the working tree."""
    with TemporaryDirectory() as directory:
        template = snapshot(Path(directory, "template"))
        with contextlib.redirect_stdout(sys.stderr):
            project = by_api(template, Path(directory), {"ml_pipeline": True})
        sys.path.insert(0, str(project / "src"))
        importlib.import_module("my_project.edge.tables")
        yield importlib.import_module("my_project.edge")


def run(edge: Any, arguments: list[str]) -> int:  # noqa: ANN401 - a module
    """Run the checks and the faults with the edge of a project."""
    parser = argparse.ArgumentParser(prog="nox -s foreign -- contracts")
    parser.add_argument("--models", type=int, default=MODELS, help="how many models to draw")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # of pydantic, about odd values
    results: list[tuple[str, str]] = []
    # Forked, so that each process has the edge of the project; before Polars has threads, which a
    # forked process waits for in vain.
    with multiprocessing.get_context("fork").Pool() as pool:
        for seed, of_model in enumerate(pool.imap(results_of, range(options.models), chunksize=50)):
            if seed % PROGRESS == 0:
                print(f"{seed} of {options.models} models, {len(results)} results", file=sys.stderr)
            results += of_model
    cells = {type_: cells_of(type_) for type_ in TYPES}
    problems = [line for line, problem in results if not problem.startswith(UNCHECKED)]
    reasons = Counter(problem for _, problem in results if problem.startswith(UNCHECKED))
    cases = [single(type_, seed) for seed in range(PER_TYPE) for type_ in TYPES]
    cases += [generated(seed) for seed in range(min(options.models, MODELS))]
    faults = FAULTS | edge_faults(edge)
    found = {name: first_finding(fault, cases) for name, fault in faults.items()}
    text = render(cells, options.models, problems, reasons, found)
    print(text)
    if options.models >= MODELS:
        PAGE.write_text(text, encoding="utf-8")
    wrong = [cell for row in cells.values() for cell in row.values() if cell.startswith("no:")]
    return 1 if problems or wrong or not all(found.values()) else 0


def results_of(seed: int) -> list[tuple[str, str]]:
    """Return what the checks of a drawn model found, with its seed, and without."""
    found = findings(generated(seed))
    return [(f"seed {seed}: {check}: {problem}", problem) for check, problem in found]


def generated(seed: int) -> Case:
    """Draw a model of one to four fields, and a change of it."""
    random = Random(seed)
    old = draft(random)
    return Case(old, change(random, old), seed)


def single(type_: str, seed: int) -> Case:
    """Draw a model of one field, and one of the same type with other rules."""
    random = Random(seed)
    old = Draft(BaseModel, {"a": (type_, TYPES[type_](random), ..., None)}, {})
    return Case(old, replace(old, fields={"a": (type_, TYPES[type_](random), ..., None)}), seed)


def findings(case: Case) -> Iterator[tuple[str, str]]:
    """Yield each check that does not agree with the models, and why."""
    for name, check in CHECKS.items():
        try:
            check(case)
        except NotCheckedError as reason:
            yield name, f"{UNCHECKED}{reason}"
        except FindingError as error:
            yield name, str(error)
        except Exception as error:  # noqa: BLE001 - whatever a tool raises is a finding
            message = str(error).partition("\n")[0]
            yield name, f"{type(error).__name__}: {message}"


def cells_of(type_: str) -> dict[str, str]:
    """Return the result of each check for one type: yes, no, or not checked with a reason."""
    cells = dict.fromkeys(CHECKS, "yes")
    for seed in range(PER_TYPE):
        for name, problem in findings(single(type_, seed)):
            if not cells[name].startswith("no:"):  # what was not checked hides no finding
                cells[name] = problem if problem.startswith(UNCHECKED) else f"no: {problem}"
    return cells


def require(condition: object, problem: str) -> None:
    """Check a condition.

    Raises:
        FindingError: It does not hold.
    """
    if not condition:
        raise FindingError(problem)


def check_example(case: Case) -> None:
    """Check that there is an example."""
    model = case.old.build()
    require(isinstance(example(model, Random(case.seed)), model), "no example")


def check_strategy(case: Case) -> None:
    """Check that what is drawn first is valid, so that Hypothesis need not search."""
    if case.types & CODE:
        raise NotCheckedError("its rule is in code, so draws are tried again")
    if "defaultdict" in case.types and case.old.config.get("strict"):
        raise NotCheckedError(
            "pydantic reads a strict defaultdict twice, and refuses its own result"
        )
    examples = Examples(case.old.build(), values.EXTREME)
    refused = []
    for seed in range(DRAWS):
        try:
            examples.draw(Random(seed))
        except ValueError as error:
            refused.append(str(error).replace("\n", " ")[:80])
    few = len(refused) <= DRAWS // 5
    require(few, f"{len(refused)} of {DRAWS} draws refused: {refused[:1]}")


def check_schema(case: Case) -> None:
    """Check that the JSON Schema of a generated contract is valid."""
    jsonschema.Draft202012Validator.check_schema(json_schema(case.old.build()))


def check_compatibility(case: Case) -> None:
    """Check that whom values break is named."""
    before, after = case.old.build(), case.new.build()
    old, new = json_schema(before), json_schema(after)
    changes = compatibility.compare({"c": old}, {"c": new})
    if any("another value" in each.description for each in changes):
        return  # reported as not checked: what a reader ignored before had no rule
    reported = {who for each in changes for who in each.breaks}
    missing = broken_by_values(before, after, case.seed) - reported
    require(not missing, f"{', '.join(sorted(missing))} not named")


def check_mutation(case: Case) -> None:
    """Check that there are mutants, and that some are refused."""
    score = mutation.run(case.old.build())
    require(score.killed, "no mutant is refused")


def check_page(case: Case) -> None:
    """Check that each field has a row with a type."""
    rows = page._fields(Field(json_schema(case.old.build()))).splitlines()[2:]
    require(len(rows) >= len(case.old.fields), "a field has no row")
    for row in rows[: len(case.old.fields)]:
        require(row.split("|")[2].strip(), f"no type in {row}")


def check_edge(edge: Any, check: Callable[[Any, Draft, int], None], case: Case) -> None:  # noqa: ANN401
    """Run a check of the edge on a contract with the fields of a case."""
    check(edge, replace(case.old, base=edge.Contract, config={}), case.seed)


CHECKS: dict[str, Callable[[Case], None]] = {
    "example": check_example,
    "strategy": check_strategy,
    "schema": check_schema,
    "compatibility": check_compatibility,
    "mutation": check_mutation,
    "page": check_page,
}


def _without(table: dict[str, Any], key: str, *dropped: str) -> Patch:
    """Return a patch of a table of names that drops some of them."""
    kept = tuple(name for name in table[key] if name not in dropped)
    return mock.patch.dict(table, {key: kept})


def _silent(*_: object, **__: object) -> Iterator[Any]:
    """Report no change."""
    return iter(())


def _no_change(target: object, name: str) -> Patch:
    return mock.patch.object(target, name, _silent)


COMPARISON = compatibility._Comparison  # noqa: SLF001
# Fault -> the patch that puts it into the tools.
FAULTS: dict[str, Callable[[], Patch]] = {
    "digits of decimals are not exported": lambda: _without(
        schema_generator.RULES, "decimal", "max_digits", "decimal_places"
    ),
    "bounds of decimals are not exported": lambda: _without(
        schema_generator.RULES, "decimal", *schema_generator.BOUNDS
    ),
    "time zones are not exported": lambda: _without(
        schema_generator.RULES, "datetime", "tz_constraint"
    ),
    "past and future are not exported": lambda: _without(schema_generator.RULES, "date", "now_op"),
    "bounds of durations are not exported": lambda: _without(
        schema_generator.RULES, "timedelta", *schema_generator.BOUNDS
    ),
    "schemes of URLs are not exported": lambda: mock.patch.object(
        schema_generator, "URL_RULES", ()
    ),
    "validators are not exported": lambda: mock.patch.object(schema_generator, "FUNCTIONS", {}),
    "keys of mappings are not exported": lambda: mock.patch.object(
        schema_generator.SchemaGenerator, "dict_schema", GenerateJsonSchema.dict_schema
    ),
    "lengths are not compared": lambda: mock.patch.object(compatibility, "SIZES", {}),
    "ranges of numbers are not compared": lambda: _no_change(compatibility, "_numbers"),
    "bounds of times are not compared": lambda: _no_change(compatibility, "_limits"),
    "lists of values are not compared": lambda: _no_change(compatibility, "_choices"),
    "types are not compared": lambda: _no_change(compatibility, "_types"),
    "validators are not compared": lambda: _no_change(compatibility, "_validators"),
    "keywords of text are not compared": lambda: _no_change(compatibility, "_keywords"),
    "unions are not compared": lambda: _no_change(COMPARISON, "_alternatives"),
    "values of mappings are not compared": lambda: _no_change(COMPARISON, "_entries"),
    "items are not compared": lambda: _no_change(COMPARISON, "_items"),
    "producers are taken for consumers": lambda: mock.patch.object(
        compatibility,
        "_narrower",
        compatibility._wider,  # noqa: SLF001
    ),
    "decimals have too many digits": lambda: mock.patch.dict(
        values.GENERATORS, {"decimal": lambda *_: "0.1234567890123"}
    ),
    "addresses are not valid": lambda: mock.patch.dict(
        values.FORMATS, {"ipv4": lambda *_: "999.1.1.1"}
    ),
    "UUIDs are of one version": lambda: mock.patch.object(
        values.Values, "uuid", return_value="16fd2706-8baf-433b-82eb-8c7fada847da"
    ),
    "naive times have a zone": lambda: mock.patch.object(
        values, "_zoned", lambda moment, _: moment
    ),
    "mutants are not validated": lambda: mock.patch.object(mutation, "_validate", return_value=""),
}


def edge_faults(edge: Any) -> dict[str, Callable[[], Patch]]:  # noqa: ANN401 - a module
    """Return faults of the edge, each with the patch that puts it in."""
    names = ("columns", "csv_rows", "forms", "frames", "json_rows", "save", "tables")
    parts = {name: importlib.import_module(f"{edge.__name__}.{name}") for name in names}

    def patch(module: str, name: str, value: object) -> Callable[[], Patch]:
        return lambda: mock.patch.object(parts[module], name, value)

    every = frozenset("abcd")
    return {
        "digits are times": patch("forms", "TEXTS", {}),
        "underscores are digits": patch("forms", "require_digits", lambda value: value),
        "cells are not checked for guesses": patch("csv_rows", "form_of", lambda _: None),
        "small numbers are 0": patch("json_rows", "may_be_tiny", lambda _: False),
        "records made at once lack parts": patch("columns", "SLOTS", parts["columns"].SLOTS[:1]),
        "an empty text is absent": patch("csv_rows", "_empty_texts", lambda *_: set()),
        "cells are not quoted": patch("save", "_cell", lambda value, _: str(value)),
        "columns alone decide": patch("tables", "is_exact", lambda _: True),
        "each field is a column of its own": patch("tables", "exact_fields", lambda _: every),
        "tables are read as Python values only": patch("frames", "JSON_TYPES", ()),
        "nulls are values": patch("tables", "_present", lambda *_: []),
    }


def first_finding(fault: Callable[[], Patch], cases: list[Case]) -> str:
    """Return where a fault is found: check and seed; empty where it is not."""
    with fault():
        for case in cases:
            for check, problem in findings(case):
                if not problem.startswith(UNCHECKED):
                    return f"{check}, seed {case.seed} of {', '.join(sorted(case.types))}"
    return ""


def render(
    cells: dict[str, dict[str, str]],
    models: int,
    problems: list[str],
    reasons: Counter[str],
    found: dict[str, str],
) -> str:
    """Return the page."""
    count = sum(map(len, cells.values()))
    yes = sum(cell == "yes" for row in cells.values() for cell in row.values())
    unchecked = sum(cell.startswith("not") for row in cells.values() for cell in row.values())
    no = count - yes - unchecked
    summary = (
        f"{models:,} models of one to four fields, each with a change: {len(problems)} findings in "
        f"{models * len(CHECKS):,} checks, {reasons.total()} not checked.\n"
    )
    total = (
        f"{count} cells, each from {PER_TYPE} models of one field: {yes} yes, {no} no, "
        f"{unchecked} not checked.\n"
    )
    faults = sum(map(bool, found.values()))
    lines = [
        HEAD,
        "## Generated models\n",
        summary,
        *(f"- {problem}" for problem in problems),
        *(f"- {count} {reason}" for reason, count in sorted(reasons.items())),
        "\n## Types\n",
        total,
        f"| Type | {' | '.join(CHECKS)} |",
        f"| --- |{' --- |' * len(CHECKS)}",
        *(
            f"| {type_} | {' | '.join(cell.replace('|', '&#124;') for cell in row.values())} |"
            for type_, row in cells.items()
        ),
        "\n## Faults\n",
        f"Found: {faults} of {len(found)} faults that are put into the tools.\n",
        "| Fault | Found by |",
        "| --- | --- |",
        *(f"| {name} | {where or 'not found'} |" for name, where in found.items()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
