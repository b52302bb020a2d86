"""Adopt public projects of differing layouts, each through all six layers.

Each project is a source release in a repository of its own. Its suite runs in an environment that
this module makes, before the adoption and after it; then `nox` must be green, no file of the
project may differ, and one command must undo each layer.

The environment of the tools is made once for each worker, and linked into each project.

Usage: nox -s foreign -- adopt [NAME...]    with names, replace the rows of these projects
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from hangar_devkit.adopt.layers import LAYERS
from scripts import wheel
from scripts.foreign.projects import Project, call, choose, clean_environment, download

PAGE = wheel.ROOT / "docs/reference/foreign/adopt.md"
TAG = "v999.0.0"
COUNT = re.compile(r"(\d+) (passed|failed|skipped|xfailed|xpassed|errors?)")


@dataclass(frozen=True)
class Foreign(Project):
    """A public project, and what is particular in how it is made.

    Attributes:
        layout: How it is built and laid out.
        stated: What its source release does not declare, and so `--requires` gives.
        inside: The subdirectory of a repository that it is in; the top if empty.
    """

    layout: str = ""
    stated: tuple[str, ...] = ()
    inside: str = ""


def foreign(name: str, version: str, layout: str, *stated: str, inside: str = "") -> Foreign:
    """Return a project whose interpreter and pytest the adoption chooses."""
    return Foreign(name, version, "3.11", "", layout=layout, stated=stated, inside=inside)


PROJECTS = (
    foreign("anytree", "2.13.0", "src, PDM"),
    foreign("blinker", "1.9.0", "src, Flit, Sphinx, tox"),
    foreign("boltons", "26.2.0", "flat, Flit, tox"),
    foreign("cachetools", "8.0.2", "src, setuptools, Sphinx, tox"),
    foreign("decorator", "5.3.1", "src, setuptools", inside="libs/decorator"),
    foreign("dep-logic", "0.7.2", "src, PDM"),
    foreign("docstring-parser", "0.18.0", "flat, Hatch, tests inside, pre-commit"),
    foreign("editables", "0.6", "src, Flit"),
    foreign("filetype", "1.2.0", "flat, setup.py and setup.cfg"),
    foreign("geojson", "3.3.0", "flat, setup.py"),
    foreign("h11", "0.16.0", "flat, setup.py, tests inside"),
    foreign("humanize", "4.17.0", "src, Hatch, MkDocs, pre-commit, tox"),
    foreign("idna", "3.20", "flat, Flit"),
    foreign("inflection", "0.5.1", "flat, setup.py, Sphinx, tests at the top"),
    foreign("iso8601", "2.1.0", "flat, Poetry"),
    foreign("isodate", "0.7.2", "src, setuptools, pre-commit, tox"),
    foreign("itsdangerous", "2.2.0", "src, Flit, requirements files, tox"),
    foreign("jaraco.functools", "4.6.0", "namespace package, setuptools", inside="a lib/it's"),
    foreign("jmespath", "1.1.0", "flat, setup.py and setup.cfg"),
    foreign("mock", "5.2.0", "flat, setup.cfg, tests inside"),
    foreign("more-itertools", "11.2.1", "flat, Flit, Makefile, Sphinx, tox"),
    foreign("pluggy", "1.7.0", "src, setuptools, groups, pre-commit, tox"),
    foreign("python-slugify", "9.2.0", "flat, setup.py, tox"),
    foreign("semver", "3.1.2", "src, setuptools, Makefile, tox"),
    foreign("simpleeval", "1.0.8", "flat module, Hatch"),
    foreign("sqlparse", "0.6.1", "flat, Hatch, Makefile"),
    foreign("tabulate", "0.10.0", "flat, setuptools, pre-commit, tox"),
    foreign("termcolor", "3.3.0", "src, Hatch, pre-commit, tox"),
    foreign("tomlkit", "0.15.2", "flat, Poetry"),
    foreign("toolz", "1.2.0", "flat, setuptools"),
    foreign("webcolors", "25.10.0", "src, PDM, own noxfile, Sphinx"),
    foreign("xmltodict", "1.0.4", "flat module"),
    foreign("zope.event", "6.2", "src, namespace package, tests inside"),
)


@dataclass
class Outcome:
    """What came of one project.

    Attributes:
        project: The project.
        layers: The layers that were added.
        before: The outcomes of its suite before the adoption.
        after: The same, after it.
        notes: What the adoption could not check or left out.
        problems: Why the project counts as refused.
    """

    project: Foreign
    layers: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 1 if a project is not green."""
    choice = choose("adopt", __doc__, PROJECTS, arguments)
    with tempfile.TemporaryDirectory(prefix="hangar-foreign-") as temporary:
        directory = Path(temporary)
        template = make_template(directory / "template")
        tools: SimpleQueue[Path] = SimpleQueue()
        for number in range(choice.jobs):
            tools.put(directory / f"tools-{number}")
        rows = read_rows(PAGE) if PAGE.exists() and not choice.is_whole else {}
        failed = False
        with ThreadPoolExecutor(choice.jobs) as pool:
            runs = [
                pool.submit(adopt, each, template, directory, tools) for each in choice.projects
            ]
            for run in as_completed(runs):
                outcome = run.result()
                failed = failed or bool(outcome.problems)
                # After each: a run that is stopped leaves what it has.
                rows[f"{outcome.project.name} {outcome.project.version}"] = row(outcome)
                PAGE.write_text(page(rows), encoding="utf-8", newline="\n")
    print("\n" + table(rows))
    return 1 if failed else 0


def make_template(into: Path) -> Path:
    """Commit the working tree as a release of the template."""
    into.mkdir()
    listed = _git(wheel.ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in filter(None, listed.split("\0")):
        if (wheel.ROOT / name).exists():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(wheel.ROOT / name, into / name, follow_symlinks=False)
    wheel.install(into)
    _git(into, "init", "--quiet", "--initial-branch=main")
    _git(into, "add", "--all")
    _git(into, "commit", "--quiet", "--no-verify", "--message=The template as it is")
    _git(into, "tag", TAG)
    return into


def adopt(
    project: Foreign, template: Path, directory: Path, tools: "SimpleQueue[Path] | None" = None
) -> Outcome:
    """Adopt a project, and judge the result by its own suite, nox and git.

    Args:
        project: The project.
        template: The template's repository.
        directory: Where to work.
        tools: Environments of the tools that no other worker uses now.
    """
    outcome = Outcome(project)
    place = directory / project.name
    place.mkdir()
    shared = tools.get() if tools else None
    try:
        root = download(project, place, project.inside)
        if shared:
            _link_tools(root, shared, template)
        _adopt(outcome, root, template)
        shutil.rmtree(root / ".nox", ignore_errors=True)
    except subprocess.CalledProcessError as error:
        output = (error.stderr or error.stdout or "").strip().splitlines() or ["no output"]
        outcome.problems.append(f"{' '.join(map(str, error.cmd[:3]))}: {output[-1]}")
    finally:
        if tools and shared:
            tools.put(shared)
    print(f"{project.name}: {'; '.join(outcome.problems) or 'green'}", flush=True)
    return outcome


def _link_tools(root: Path, shared: Path, template: Path) -> None:
    """Let a project use an environment of the tools; what differs is installed again."""
    if not shared.exists():
        (devkit,) = template.glob("{{*/tools/hangar_devkit-*.whl")
        venv = ["uv", "venv", "--quiet", "--no-project", "--python=>=3.11", str(shared)]
        # Its own path is in the programs, not that of a project, which is deleted.
        install = ["uv", "pip", "install", "--quiet", f"--python={shared}"]
        call(venv, shared.parent, os.environ)
        call([*install, f"hangar-devkit[dev] @ file://{devkit}"], shared.parent, os.environ)
    (root / ".nox").mkdir()
    (root / ".nox/.gitignore").write_text("*\n", encoding="utf-8")
    (root / ".nox/hangar-tools").symlink_to(shared)


def _adopt(outcome: Outcome, root: Path, template: Path) -> None:
    start = _git(root, "rev-parse", "HEAD").strip()
    given = [f"--requires={each}" for each in outcome.project.stated]
    command = [sys.executable, "-m", "hangar_devkit", "adopt", ".", "--yes", *given]
    done = _run(root, *command, f"--template={template}")
    outcome.before = _found(r"^  before: (.*)$", done.stdout)
    outcome.layers = re.findall(
        r"^Layer (\w+) \.\.\.\n(?:  (?!added|not added).*\n)*  added", done.stdout, re.MULTILINE
    )
    outcome.notes = re.findall(r"^  ((?:left out|the image was not).*)$", done.stdout, re.MULTILINE)
    if done.returncode or tuple(outcome.layers) != LAYERS:
        outcome.problems.append(f"adopt: {(done.stdout + done.stderr).strip()[-1500:]}")
        return
    noxfile = next(name for name in ("noxfile_hangar.py", "noxfile.py") if (root / name).exists())
    nox = _run(root, str(root / ".nox/hangar-tools/bin/nox"), "-f", noxfile)
    if nox.returncode:
        outcome.problems.append(f"nox: {nox.stdout[-2000:]}{nox.stderr.strip()[-800:]}")
    tests = [
        line for line in nox.stdout.splitlines() if re.search(r"\d+ passed.* in [\d.]+s", line)
    ]
    outcome.after = ", ".join(" ".join(each) for each in COUNT.findall(tests[-1])) if tests else ""
    changed = _git(root, "diff", "--name-only", "-z", "--diff-filter=a", start).split("\0")[:-1]
    if changed:
        outcome.problems.append(f"files of the project differ: {', '.join(changed[:5])}")
    for commit in _git(root, "rev-list", f"{start}..HEAD").split():
        call(["git", *_WHO, "revert", "--no-edit", commit], root, os.environ)
    if _git(root, "diff", "--name-only", start).strip():
        outcome.problems.append("the layers cannot be undone")


_WHO = ("-c", "user.name=Foreign", "-c", "user.email=foreign@example.com")


def _git(root: Path, *arguments: str) -> str:
    command = ["git", *_WHO, *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


def _run(root: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    kept = clean_environment()
    kept |= {"GIT_COMMITTER_NAME": "Foreign", "GIT_COMMITTER_EMAIL": "foreign@example.com"}
    kept |= {"GIT_AUTHOR_NAME": "Foreign", "GIT_AUTHOR_EMAIL": "foreign@example.com"}
    if command[0] == sys.executable:
        kept["PYTHONPATH"] = str(wheel.ROOT / "devkit/src")
    return subprocess.run(
        command, cwd=root, env=kept, capture_output=True, text=True, errors="replace", check=False
    )


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else ""


def row(outcome: Outcome) -> str:
    """Return an outcome as a row of the table."""
    project = outcome.project
    cells = (
        f"{project.name} {project.version}",
        project.layout + (", in a subdirectory" if project.inside else ""),
        str(len(outcome.layers)),
        outcome.before or "none ran",
        outcome.after or "none ran",
        _result(outcome),
    )
    return f"| {' | '.join(cells)} |\n"


def read_rows(path: Path) -> dict[str, str]:
    """Read the rows of a page: project and version -> row."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ")}
    known = {f"{project.name} {project.version}" for project in PROJECTS}
    return {name: line for name, line in rows.items() if name in known}


def table(rows: dict[str, str]) -> str:
    """Return rows as a table in Markdown, in the order of the projects."""
    head = "| project | layout | layers | tests before | tests in `nox` after | result |\n"
    names = [f"{project.name} {project.version}" for project in PROJECTS]
    return head + "| --- " * 6 + "|\n" + "".join(rows[name] for name in names if name in rows)


def _result(outcome: Outcome) -> str:
    if outcome.problems:
        first = re.sub(r"\s+", " ", outcome.problems[0]).replace("|", "/")
        return f"**refused**: {re.sub(r'(?<= )/[^ ]*/', '', first)[:160]}"
    stated = [f"`--requires={each}`" for each in outcome.project.stated]
    notes = [note.replace("|", "/") for note in outcome.notes]
    return "; ".join(["green", *stated, *notes])


PAGE_TEXT = """\
# Adoption of foreign projects

`nox -s foreign -- adopt` writes this page. It adopts public projects as their source releases are,
through all six layers; {number} of {total} were tried, and {green} are green. Green means that
every layer was added and its check passed, that each test of the project ended as before, that
`nox` succeeded, that no file of the project differs, and that `git revert` undid each layer. A
project that falls short anywhere counts as refused. The image is built where a container engine
answers; where it was not built, the row says so. `--requires` gives what a source release does not
declare. A test with a skipped subtest is skipped in the fourth column, and passed in pytest's own
count, which is the fifth.

{table}"""


def page(rows: dict[str, str]) -> str:
    """Return the page of the reference."""
    green = sum(line.split("|")[6].strip().startswith("green") for line in rows.values())
    counts = {"number": len(rows), "total": len(PROJECTS), "green": green}
    return PAGE_TEXT.format(**counts, table=table(rows))
