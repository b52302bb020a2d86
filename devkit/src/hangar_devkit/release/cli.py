"""The commands `hangar build`, `hangar image` and `hangar release`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from hangar_devkit.pyproject import PyprojectError
from hangar_devkit.release import build, image
from hangar_devkit.release.cut import BUMPS, Target, cut
from hangar_devkit.release.project import Project, load
from hangar_devkit.releases import ReleaseError
from hangar_devkit.worktree import WorktreeError


def main(arguments: list[str] | None = None) -> int:
    """Run `hangar release`; return 0 if the release is tagged, 1 if it is refused."""
    parser = argparse.ArgumentParser(
        prog="hangar release",
        description="Check a release, then commit its version and tag it. CI publishes the tag.",
        epilog="Nothing of the project changes until every check has passed.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("version", nargs="?", metavar="X.Y.Z", help="the new version")
    what.add_argument("--bump", choices=BUMPS, help="raise this part of the newest version")
    parser.add_argument(
        "--dry-run", action="store_true", help="do everything but commit, tag and publish"
    )
    parser.add_argument("--index", metavar="URL", help="with --dry-run: upload to this index")
    parser.add_argument(
        "--registry", metavar="NAME", help="with --dry-run: push the image to this repository"
    )
    parser.add_argument(
        "--skip-audit", action="store_true", help="do not look for known vulnerabilities"
    )
    options = parser.parse_args(arguments)
    if not options.dry_run and (options.index or options.registry):
        parser.error("--index and --registry need --dry-run; CI publishes a release")
    target = Target(options.index or "", options.registry or "") if options.dry_run else None

    def run() -> None:
        wanted, audit = options.version or options.bump, not options.skip_audit
        tag = cut(Path.cwd(), wanted, _report("release"), target, audit=audit)
        if options.dry_run:
            print(f"{tag} can be released. Nothing was committed or tagged.")
        else:
            print(f"To publish it: git push --atomic origin HEAD {tag}")

    return _guarded("release", run)


def build_main(arguments: list[str] | None = None) -> int:
    """Run `hangar build`; return 0 if the distributions are built and tested, 1 if not."""
    parser = argparse.ArgumentParser(
        prog="hangar build",
        description="Build the source distribution and the wheel, and test each in a clean"
        " environment.",
    )
    _add_tag(parser)
    parser.add_argument("--output", type=Path, default=Path("dist"), help="default: %(default)s")
    options = parser.parse_args(arguments)

    def run() -> None:
        project = _load(options.tag)
        notes = project.notes() if options.tag else ""
        built = build.build(project, options.output.absolute(), _report("build"), notes)
        print(f"{built.source.name} and {built.wheel.name} are in {options.output}/")

    return _guarded("build", run)


def image_main(arguments: list[str] | None = None) -> int:
    """Run `hangar image`; return 0 if the image is built and tested, 1 if not."""
    parser = argparse.ArgumentParser(
        prog="hangar image",
        description="Build the runtime image with its labels, and run its command in it.",
    )
    _add_tag(parser)
    parser.add_argument("--push", metavar="NAME", default="", help="push it to this repository")
    parser.add_argument(
        "--attest",
        action="store_true",
        help=f"with --push: by digest, with provenance and a bill of materials, from the builder"
        f" `{image.BUILDER}` (docker buildx create --name {image.BUILDER})",
    )
    parser.add_argument("--digest-file", type=Path, help="write the digest into this file")
    options = parser.parse_args(arguments)

    def run() -> None:
        project, report = _load(options.tag), _report("image")
        digest = image.build_and_test(project, report, options.push, attest=options.attest)
        if options.digest_file:
            options.digest_file.write_text(f"{digest}\n", encoding="utf-8")
        print(digest)

    return _guarded("image", run)


def _add_tag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tag", help="refuse if this tag is not that of the project's version")


def _load(tag: str | None) -> Project:
    project = load(Path.cwd())
    if tag and tag.removeprefix("v") != project.version:
        raise ReleaseError(
            f"the tag {tag} is not that of version {project.version} in pyproject.toml; "
            "tag a release with `nox -s release`"
        )
    return project


def _report(command: str) -> Callable[[str], None]:
    return lambda line: print(f"{command}: {line}", flush=True)


def _guarded(command: str, run: Callable[[], None]) -> int:
    try:
        run()
    except (ReleaseError, PyprojectError, WorktreeError) as error:
        print(f"hangar {command}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"hangar {command}: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0
