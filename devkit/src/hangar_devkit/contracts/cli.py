"""The command `hangar contracts`."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hangar_devkit import releases
from hangar_devkit.pyproject import PyprojectError
from hangar_devkit.releases import ReleaseError

if TYPE_CHECKING:
    from hangar_devkit.contracts.project import Project

HELP = """\
The contracts are the models in the module that pyproject.toml names:

  [tool.hangar]
  contracts = "package.module"          # __all__, or its public pydantic models
  settings = "package.module:Settings"  # optional: compared with .env.example

Without these lines they are looked for in src/*/schemas and src/*/settings.py, as the template has
them. Schemas are exported to contracts/.

To validate a file by one of them:

  hangar contracts validate FILE --contract NAME

exit codes:
  0  schemas and settings agree, and breaking changes are announced by the version
  1  files differ from the models, or a breaking change is not announced
  2  the contracts could not be imported, compared or mutated"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["validate"]:
        if reason := _missing_pydantic():
            print(f"hangar contracts: {reason}", file=sys.stderr)
            return 2
        from hangar_devkit.contracts import validate

        return validate.main(arguments[1:])
    parser = argparse.ArgumentParser(
        prog="hangar contracts",
        description="Export data contracts as JSON Schema and compare them with the last release.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--root", type=Path, default=Path.cwd(), help="the project (default: this directory)"
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare, but write nothing")
    mode.add_argument(
        "--drift", action="store_true", help="compare files with models only, not with a release"
    )
    mode.add_argument(
        "--mutate",
        action="store_true",
        help="break valid data in many ways and report what is let through",
    )
    options = parser.parse_args(arguments)
    if reason := _missing_pydantic():
        print(f"hangar contracts: {reason}", file=sys.stderr)
        return 2
    from hangar_devkit.contracts.project import ContractsError, find

    try:
        project = find(options.root.resolve())
        if options.mutate:
            return mutate(project)
        write = not (options.check or options.drift)
        return check(project, write=write, release=not options.drift)
    except (ContractsError, PyprojectError, ReleaseError) as error:
        print(f"hangar contracts: {error}", file=sys.stderr)
    except OSError as error:
        print(f"hangar contracts: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
    return 2


def check(project: "Project", *, write: bool, release: bool) -> int:
    """Export or compare the schemas, compare the settings, and compare with the last release."""
    from hangar_devkit.contracts import environment, export
    from hangar_devkit.contracts.project import models

    found, reasons = export.exportable(models(project))
    for reason in reasons.values():
        print(f"hangar contracts: {reason}", file=sys.stderr)
    texts = export.schemas(found)
    changed = (export.write if write else export.differences)(project.root, texts, reasons)
    command = "nox -s contracts" if project.edge else "hangar contracts"
    for line in changed:
        print(f"{line}; {'fixed' if write else f'run `{command}`'}")
    differences = environment.differences(project)
    for line in differences:
        print(line)
    unannounced = release and compare(project, texts, reasons)
    passed = not differences and not unannounced and (write or not changed)
    if passed and not changed and not reasons:
        noun = "contract" if len(texts) == 1 else "contracts"
        print(f"{len(texts)} {noun}: schemas and settings agree")
    if reasons:
        return 2
    return 0 if passed else 1


def compare(project: "Project", texts: dict[str, str], reasons: dict[str, str]) -> bool:
    """Print what changed since the last release.

    Args:
        project: The project.
        texts: The schemas by file name.
        reasons: Why there is no schema, by file name.

    Returns:
        Whether a breaking change is not announced by the version.
    """
    from hangar_devkit.contracts import compatibility, release
    from hangar_devkit.contracts.export import SUFFIX

    last = releases.newest(project.root)
    if last is None:
        print("nothing is released yet, so there is nothing to compare with")
        return False
    now = {name.removesuffix(SUFFIX): json.loads(text) for name, text in texts.items()}
    before = release.schemas(project.root, last)
    failed = {name.removesuffix(SUFFIX) for name in reasons} & before.keys()
    for name in sorted(failed):
        print(f"{name}: not checked: it has no schema now")
    before = {name: schema for name, schema in before.items() if name not in failed}
    changes = compatibility.compare(before, now)
    if not any(change.checked for change in changes):
        print(
            f"no contract changed since {last.tag}{', as far as it was checked' if changes else ''}"
        )
    for change in changes:
        print(change)
    unchecked = len(failed) + sum(not change.checked for change in changes)
    if unchecked:
        print(f"{unchecked} not checked: look at these yourself")
    breaks = any(change.breaks for change in changes)
    unannounced = breaks and not releases.announces_break(last.version, project.version)
    if unannounced:
        print(
            f"these changes break users of {last.tag}, and version {project.version or '(none)'} "
            "does not announce that: raise the major number (the minor one below 1.0)"
        )
    return unannounced


def mutate(project: "Project") -> int:
    """Print the score of each contract."""
    from hangar_devkit.contracts import mutation
    from hangar_devkit.contracts.project import ContractsError, load, models

    contracts = models(project)
    if not contracts:
        print("no contracts: nothing to mutate")
    edge = load(project, project.edge) if project.edge and contracts else None
    code = 0
    for contract in contracts:
        try:
            print(mutation.run(contract, edge))
        except ContractsError as error:
            print(f"hangar contracts: {error}", file=sys.stderr)
            code = 2
    return code


def _missing_pydantic() -> str:
    """Return what to install; empty where pydantic 2 can be imported."""
    install = "run `pip install 'pydantic>=2'` (or `uv add pydantic`)"
    try:
        import pydantic
    except ModuleNotFoundError:
        return f"pydantic is not installed; {install}"
    if pydantic.VERSION.startswith("1."):
        return f"needs pydantic 2, but {pydantic.VERSION} is installed; {install}"
    return ""
