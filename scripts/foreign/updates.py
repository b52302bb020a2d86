"""Update random repositories, and kill updates: nothing of the user's may be lost.

Every path of the tree is compared, ignored ones included: after the update with what it may change,
and after the way back that it prints with the tree before.
"""

import argparse
import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hangar_devkit.update import apply, cli, render, rendering
from hangar_devkit.update.errors import UpdateError
from scripts.foreign.update_cases import Case, build_template, make_case, render_first

REPOSITORIES = 500
POINTS = 50
KILLED = 6  # the repository whose updates are killed; it is one that can be updated
WRITING = 12  # about so many git commands, from the first that writes to the end
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "foreign" / "updates.md"
Tree = dict[str, tuple[str, bytes]]  # path: type or mode, and content or target
# What the template has: all else is the user's, and the same before and after.
TEMPLATES = (
    *(".cruft.json", "pyproject.toml", ".gitignore", "CHANGELOG.md", "shared.cfg"),
    "shared.cfg~v2.0.0",  # where git puts the template's side if the user's is a link
    *("tools", "yours/new.txt", "tests/test_cli.py"),
)
_WHO = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "Tester"), ("EMAIL", "tester@example.com"))
}
_RUN = """\
from hangar_devkit.update import cli
from scripts.foreign.updates import in_process
with in_process():
    raise SystemExit(cli.main(["--no-checks"]))
"""


def main(arguments: list[str]) -> int:
    """Run all repositories and all kills; write the page if none was left out."""
    parser = argparse.ArgumentParser(prog="nox -s foreign -- updates")
    parser.add_argument("--repositories", type=int, default=REPOSITORIES, metavar="N")
    parser.add_argument("--points", type=int, default=POINTS, metavar="N")
    options = parser.parse_args(arguments)
    outcomes: Counter[str] = Counter()
    features: Counter[str] = Counter()
    kills: Counter[str] = Counter()
    lost = unexpected = 0
    with tempfile.TemporaryDirectory(prefix="hangar-foreign-") as name, in_process():
        templates = make_templates(Path(name).resolve())
        for seed in range(options.repositories):
            found = update_case(seed, templates)
            outcomes[found.outcome] += 1
            features.update(found.features)
            unexpected += len(found.unexpected)
            for problem in (*found.problems, *found.unexpected):
                print(f"repository {seed} ({', '.join(found.features)}): {problem}", flush=True)
            lost += len(found.problems)
            _show_progress("repositories", seed + 1, options.repositories)
        for point in range(options.points):
            end = kill_at(point, options.points, templates)
            kills[end] += 1
            if end not in ENDS:
                lost += 1
                print(f"kill {point}: {end}", flush=True)
            _show_progress("kills", point + 1, options.points)
    text = page(outcomes, features, kills, lost, unexpected)
    if (options.repositories, options.points) == (REPOSITORIES, POINTS):
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 1 if lost or unexpected else 0


def _show_progress(what: str, number: int, total: int) -> None:
    if number % 25 == 0 or number == total:
        print(f"{number} of {total} {what}", file=sys.stderr, flush=True)


class Found:
    """How the update of a repository ended.

    Attributes:
        features: What is special about the repository.
        outcome: How it ended.
        problems: Paths that were lost or changed, and errors.
        unexpected: Why it should have ended otherwise.
    """

    def __init__(self, case: Case) -> None:
        self.features = case.features
        self.outcome = ""
        self.problems: list[str] = []
        self.unexpected: list[str] = []


@dataclass(frozen=True)
class Templates:
    """Renderings of v1.0.0 of the template, with and without a script in its v2.0.0."""

    plain: Path
    migrating: Path


def make_templates(directory: Path) -> Templates:
    """Make the templates once: nothing writes to them."""
    made = []
    for migration in (False, True):
        place = directory / ("migrating" if migration else "plain")
        template = build_template(place / "template", migration=migration)
        made.append(render_first(template, place))
    return Templates(*made)


def update_case(seed: int, templates: Templates) -> Found:
    """Update the repository of a seed, and go back."""
    with tempfile.TemporaryDirectory(prefix="hangar-foreign-") as name:
        directory = Path(name).resolve()
        rendered = templates.plain if seed % 3 else templates.migrating
        case = make_case(seed, rendered, directory)
        found = Found(case)
        _check(case, found)
        return found


def _check(case: Case, found: Found) -> None:
    before = read_tree(case.top)
    meanwhile: Tree = {}

    def save() -> None:
        old = read_tree(case.top)
        for action in case.during:
            action()
        meanwhile.update(set(read_tree(case.top).items()) - set(old.items()))

    code, output = _run(case, save)
    expected = {**before, **meanwhile}
    if "Traceback" in output:
        found.problems.append(output)
    if code == cli.REFUSED:
        found.outcome = "refused"
        if not case.refused:
            found.unexpected.append(f"refused: {output}")
        found.problems += differences(expected, read_tree(case.top))
        return
    found.outcome = {cli.DONE: "updated", cli.INCOMPLETE: "conflicts"}.get(code, str(code))
    if case.refused:
        found.unexpected.append("not refused")
    inner = case.project.relative_to(case.top)
    theirs = tuple((inner / path).as_posix() for path in TEMPLATES)
    after = read_tree(case.top)
    found.problems += [
        f"changed by the update: {line}"
        for line in differences(_without(expected, theirs), _without(after, theirs))
    ]
    way_back = output.rsplit("go back: ", 1)[-1].splitlines()[0]
    done = subprocess.run(way_back, shell=True, cwd=case.project, capture_output=True, check=False)  # noqa: S602
    if done.returncode:
        found.problems.append(f"{way_back}: {done.stderr.decode(errors='replace')}")
    found.problems += [
        f"not restored: {line}" for line in differences(expected, read_tree(case.top))
    ]


def _without(tree: Tree, paths: tuple[str, ...]) -> Tree:
    return {
        path: entry
        for path, entry in tree.items()
        if path not in paths and not path.startswith(tuple(f"{each}/" for each in paths))
    }


def _run(case: Case, save: Callable[[], None]) -> tuple[int, str]:
    """Run the update in this process; call `save` when it has its plan and writes next."""
    output = io.StringIO()
    real = apply.refuse_obstacles
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(case.project))
        stack.enter_context(contextlib.redirect_stdout(output))
        stack.enter_context(contextlib.redirect_stderr(output))

        def interrupt(*arguments: object) -> None:
            real(*arguments)  # type: ignore[arg-type]
            save()

        apply.refuse_obstacles = interrupt  # type: ignore[assignment]
        stack.callback(setattr, apply, "refuse_obstacles", real)
        code = cli.main(["--no-checks"])
    return code, output.getvalue()


@contextlib.contextmanager
def in_process() -> Iterator[None]:
    """Render in this process, which has Cookiecutter, instead of an environment of its own."""
    real = rendering._run  # noqa: SLF001 - there is no other place to get in between

    def run(job_file: Path, environment: dict[str, str]) -> None:
        os.environ["COOKIECUTTER_CONFIG"] = environment["COOKIECUTTER_CONFIG"]
        if render.main(job_file):
            raise UpdateError("could not render")

    rendering._run = run  # noqa: SLF001
    known = dict(os.environ)
    os.environ.update(_WHO, GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")
    try:
        yield
    finally:
        rendering._run = real  # noqa: SLF001
        os.environ.clear()
        os.environ.update(known)


ENDS = ("as before", "as after", "restored by the printed command")


def kill_at(point: int, points: int, templates: Templates) -> str:
    """Kill an update at one of so many points, spread over the git commands that it runs.

    Returns:
        How that left the tree; one of `ENDS` if all is well.
    """
    with tempfile.TemporaryDirectory(prefix="hangar-foreign-") as name:
        directory = Path(name).resolve()
        case = make_case(KILLED, templates.migrating, directory)
        return _kill(case, directory, point, points)


def _kill(case: Case, directory: Path, point: int, points: int) -> str:
    before = read_tree(case.top)
    whole = shutil.copytree(directory / "repository", directory / "whole", symlinks=True)
    inner = case.project.relative_to(case.top)
    counted = _start(whole / inner, directory / "count", 0, kill_after=False)
    if counted.returncode not in {cli.DONE, cli.INCOMPLETE}:
        return f"the update fails: {counted.stderr.decode(errors='replace')}"
    after = read_tree(whole)
    calls = len((directory / "count" / "calls").read_text().splitlines())
    # Every other point is among the last commands, which write.
    first = calls - WRITING if point % 2 else 0
    number = first + 1 + point * (calls - first - 1) // max(points - 1, 1)
    killed = _start(case.project, directory / "kill", number, kill_after=point % 4 > 1)
    if killed.returncode != -signal.SIGKILL:
        return f"was not killed, but ended with {killed.returncode}"
    tree = read_tree(case.top)
    status = _git(case.project, "status", "--porcelain", "--untracked-files=no")
    if not differences(before, tree) and not status:
        return ENDS[0]
    again = _start(case.project, directory / "again", 0, kill_after=False)
    output = again.stderr.decode(errors="replace")
    if "Bring them back: " in output:
        command = output.rsplit("Bring them back: ", 1)[1].splitlines()[0]
    elif not differences(after, tree) and "go back: " in output:
        return ENDS[1]
    else:
        return f"neither before nor after, and no way back: {output}"
    subprocess.run(command, shell=True, cwd=case.project, check=True, capture_output=True)  # noqa: S602
    left = differences(before, read_tree(case.top))
    return f"not restored: {left}" if left else ENDS[2]


def _start(
    project: Path, directory: Path, number: int, *, kill_after: bool
) -> subprocess.CompletedProcess[bytes]:
    """Run an update that is killed at its git command of a number; 0 lets it finish."""
    directory.mkdir()
    real = shutil.which("git")
    stop = f'[ "$(wc -l <"{directory}/calls")" -ne {number} ]'
    script = directory / "git"
    before, after = ("", f"{stop} || kill -9 0") if kill_after else (f"{stop} || kill -9 0", "")
    script.write_text(
        f'#!/bin/sh\necho x >>"{directory}/calls"\n{before}\n"{real}" "$@"\ncode=$?\n{after}\n'
        "exit $code\n"
    )
    script.chmod(0o755)
    path = [str(Path(__file__).parents[2]), *sys.path]
    return subprocess.run(
        [sys.executable, "-c", _RUN],
        cwd=project,
        env={
            **os.environ,
            "PATH": f"{directory}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, path)),
        },
        capture_output=True,
        check=False,
        start_new_session=True,
    )


def _git(where: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=where, capture_output=True, check=True).stdout


def read_tree(top: Path) -> Tree:
    """Read every path below a directory but git's own: its type or mode, and its content."""
    found: Tree = {}
    for directory, directories, names in os.walk(top):
        for name in (*names, *directories):
            path = Path(directory, name)
            relative = path.relative_to(top).as_posix()
            if name == ".git":
                continue
            if path.is_symlink():
                found[relative] = "link", os.fsencode(path.readlink())
            elif path.is_file():
                mode = "executable" if os.access(path, os.X_OK) else "file"
                found[relative] = mode, path.read_bytes()
        directories[:] = [name for name in directories if name != ".git"]
    return found


def differences(expected: Tree, found: Tree) -> list[str]:
    """List the paths that differ between two trees."""
    return [
        f"{path!r}: {_shown(expected.get(path))} became {_shown(found.get(path))}"
        for path in sorted(expected.keys() | found.keys())
        if expected.get(path) != found.get(path)
    ]


def _shown(entry: tuple[str, bytes] | None) -> str:
    return f"{entry[0]} {entry[1][:60]!r}" if entry else "nothing"


def page(
    outcomes: Counter[str], features: Counter[str], kills: Counter[str], lost: int, unexpected: int
) -> str:
    """Return the page of the results."""
    rows = [f"| {name} | {count} |" for name, count in sorted(outcomes.items())]
    special = [f"| {name} | {count} |" for name, count in sorted(features.items())]
    ends = [f"| {name} | {count} |" for name, count in sorted(kills.items())]
    return f"""\
# Updates of random repositories

Written by `nox -s foreign -- updates`. {sum(outcomes.values())} repositories with random features
were updated, and each update was undone by the command that it printed. Every path of the tree is
compared, ignored ones included.

| How the update ended | Repositories |
| --- | --- |
{chr(10).join(rows)}

Paths that were lost or changed: {lost}. Updates that were refused without need, or made where they
should have been refused: {unexpected}.

| Feature | Repositories |
| --- | --- |
{chr(10).join(special)}

{sum(kills.values())} updates were killed, at points spread over the git commands that an update
runs. Every second point is among those that write.

| The tree after the kill | Updates |
| --- | --- |
{chr(10).join(ends)}
"""
