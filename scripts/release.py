"""Tag a release: `nox -s release -- X.Y.Z`, if projects of every earlier one can update to it."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from cookiecutter.main import cookiecutter

from hangar_devkit.release import changelog
from hangar_devkit.release.build import NOTES, install_and_test
from hangar_devkit.release.project import load
from hangar_devkit.releases import ReleaseError
from hangar_devkit.update import answers, releases
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, user_git
from hangar_devkit.update.releases import Release
from scripts import wheel
from scripts.converge import differences, questions_at, samples

REPOSITORY = Path(__file__).parents[1]
_VERSIONS = ("pyproject.toml", "devkit/pyproject.toml")


def main(arguments: list[str] | None = None) -> int:
    """Check, then tag.

    Returns:
        0 if the release is tagged, or could be (`--dry-run`); 2 if it is refused.
    """
    parser = argparse.ArgumentParser(prog="nox -s release --", description=__doc__)
    parser.add_argument("version", help="X.Y.Z")
    parser.add_argument("--dry-run", action="store_true", help="check, but do not tag")
    parser.add_argument(
        "--collect", type=Path, metavar="DIRECTORY", help="only collect what the tag publishes"
    )
    options = parser.parse_args(arguments)
    if options.collect:
        found = collect(REPOSITORY, options.version, options.collect)
    else:
        found = problems(REPOSITORY, options.version) or red_project(REPOSITORY)
    if found:
        print(f"{options.version} is not released:", *found, sep="\n  ", file=sys.stderr)
        return 2
    tag = f"v{options.version}"
    if not options.dry_run and not options.collect:
        user_git(REPOSITORY).run("tag", "--annotate", "--message", tag, tag)
        commit = user_git(REPOSITORY).line("rev-parse", "HEAD")
        print(f"Tagged {tag}. To publish it: git push origin {tag}")
        print(f'Record it in tests/support/releases.toml: "{tag}" = "{commit}"')
    return 0


def collect(template: Path, version: str, output: Path) -> list[str]:
    """Put the wheel of devkit, tested in a clean environment, and the notes into a directory.

    Args:
        template: The template's repository, at the tag.
        version: The version of the tag.
        output: The directory, which is created.

    Returns:
        What prevents it.
    """
    version = version.removeprefix("v")
    found = _unstated(template, version)
    if found:
        return found
    output.mkdir(parents=True, exist_ok=True)
    (built,) = template.glob(f"{wheel.TOOLS}/{wheel.WHEELS}")
    with tempfile.TemporaryDirectory(prefix="hangar-release-") as temporary:
        devkit = load(template / "devkit")
        try:
            install_and_test(devkit, built, None, Path(temporary) / "test")
        except ReleaseError as error:
            return [str(error)]
    shutil.copy(built, output)
    changes = (template / "CHANGELOG.md").read_text(encoding="utf-8")
    notes = changelog.section(changes, version) or ""
    (output / NOTES).write_text(f"{notes}\n", encoding="utf-8", newline="\n")
    return []


def problems(template: Path, version: str) -> list[str]:
    """List what prevents a template's last commit from being a release.

    Args:
        template: The template's repository.
        version: The version of the release.
    """
    git = user_git(template)
    parsed = releases.parse(version)
    if parsed is None:
        return [f"{version} is not a version of the form X.Y.Z"]
    if git.run("status", "--porcelain"):
        return ["the tree has changes that are not committed"]
    new = Release(parsed, git.line("rev-parse", "HEAD"))
    earlier = _earlier(git)
    if earlier and earlier[-1].version >= parsed:
        return [f"{earlier[-1].tag} is released already"]
    found = _unstated(template, version) + young_pins(template)
    for old in earlier:
        found += [f"from {old.tag}: {line}" for line in uncovered(template, old, new)]
    if found:
        return found
    with tempfile.TemporaryDirectory(prefix="hangar-release-") as temporary:
        trial = Path(temporary).resolve() / "template"
        git.run("clone", "--quiet", "--template=", str(template), str(trial))
        user_git(trial).run("tag", "--no-sign", new.tag, new.commit)
        return [line for old in earlier for line in _diverging(trial, old, new)]


def _earlier(git: Git) -> list[Release]:
    """List the releases before: tags that are part of the history."""
    names = git.run("tag", "--merged", "HEAD", "--list", "v*").decode().split()
    found = [(releases.parse(name), name) for name in names]
    return sorted(
        Release(version, git.line("rev-parse", f"{name}^{{commit}}"))
        for version, name in found
        if version
    )


def _unstated(template: Path, version: str) -> list[str]:
    found: list[str] = []
    for name in _VERSIONS:
        stated = tomllib.loads((template / name).read_text(encoding="utf-8"))["project"]["version"]
        if stated != version:
            found.append(f"{name} states version {stated}")
    found += wheel.differences(template)
    text = (template / "CHANGELOG.md").read_text(encoding="utf-8")
    parsed = releases.parse(version)
    if parsed and not releases.changelog_between(text, None, parsed).startswith(f"## {version}"):
        found.append(f"CHANGELOG.md has no section for {version} at its top")
    return found


def red_project(template: Path, *sessions: str) -> list[str]:
    """List why a new project is not green; nothing if it is.

    Args:
        template: The template's repository.
        *sessions: The sessions to run; the default ones if there are none.
    """
    with tempfile.TemporaryDirectory(prefix="hangar-release-") as temporary:
        project = Path(cookiecutter(str(template), no_input=True, output_dir=temporary))
        print("a new project: nox ...", flush=True)
        command = ["nox", *(f"--session={session}" for session in sessions)]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()[-20:]
    return ["a new project is not green:", *lines] if done.returncode else []


def young_pins(template: Path) -> list[str]:
    """List the pins that a new project could not lock, since they are younger than its cooldown.

    Args:
        template: The template's repository.
    """
    project = (template / wheel.PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    cooldown = re.search(r'^exclude-newer = "(.+)"$', project, re.MULTILINE)
    if cooldown is None:
        return []
    extras = tomllib.loads((template / "devkit/pyproject.toml").read_text(encoding="utf-8"))
    tables = extras["project"]["optional-dependencies"].values()
    pins = [pin for table in tables for pin in table if not pin.startswith("hangar-devkit")]
    compile_pins = ("uv", "pip", "compile", "--quiet", "--no-header", "--universal")
    options = (f"--exclude-newer={cooldown[1]}", "--python-version=3.11", "-")
    done = subprocess.run(
        [*compile_pins, *options],
        input="\n".join(pins),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return []
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return [f"a pin of devkit is younger than {cooldown[1]}:", *lines]


def uncovered(template: Path, old: Release, new: Release) -> list[str]:
    """List the changed answers that no migration covers."""
    before, after = (questions_at(template, release.commit) for release in (old, new))
    steps = answers.read_steps(template / "migrations", old.version, new.version)
    renamed = {name: to for step in steps for name, to in step.renamed.items()}
    added = {name for step in steps for name in step.added} | set(renamed.values())
    removed = {name for step in steps for name in step.removed} | set(renamed)
    found = [f"{name} is no longer asked" for name in before if name not in {*after, *removed}]
    found += [f"{name} is new" for name in after if name not in {*before, *added}]
    for name, question in before.items():
        for value in question if isinstance(question, list) else []:
            try:
                answers.migrate({name: value}, after, steps, {})
            except UpdateError:
                found.append(f"{name} = {value} is no longer offered")
    where = f"migrations/{new.tag}/answers.toml does not name its replacement"
    return [f"{line}, and {where}" for line in found]


def _diverging(template: Path, old: Release, new: Release) -> list[str]:
    found: list[str] = []
    for name, given in samples(questions_at(template, old.commit)).items():
        print(f"{old.tag} -> {new.tag}, {name} ...", flush=True)
        try:
            lines = differences(template, old, new, given)
        except UpdateError as error:
            lines = [str(error)]
        found += [f"an update from {old.tag} ({name}) does not converge: {line}" for line in lines]
    return found


if __name__ == "__main__":
    sys.exit(main())
