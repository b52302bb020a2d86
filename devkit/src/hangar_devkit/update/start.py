"""Start an update: find the release, fetch it, and hand over to the updater in it."""

import argparse
from pathlib import Path

from hangar_devkit.update import handover, releases, state, worktree
from hangar_devkit.update.git import Git
from hangar_devkit.update.releases import UpdateRequest
from hangar_devkit.update.scratch import scratch_directory


def update(root: Path, options: argparse.Namespace, arguments: list[str]) -> int:
    """Update a project.

    Args:
        root: The project.
        options: Those of the command.
        arguments: The command line that they were read from.

    Returns:
        The exit code: 0 if nothing is left to do, 1 if conflicts or failed checks are left.

    Raises:
        UpdateError: If nothing was done.
    """
    git = worktree.open_project(root)
    worktree.refuse_unfinished(git)
    own = state.read_state(root)
    worktree.refuse_dirty(git)
    if options.branch:
        from hangar_devkit.update import propose  # noqa: PLC0415

        propose.refuse_taken(git, options.branch)
    request = _request(git, own, options)
    if request is None:
        return 0
    if options.clone:
        from hangar_devkit.update.execute import execute  # noqa: PLC0415

        return execute(git, options.clone, own, request, options)
    with scratch_directory() as directory:
        clone = handover.fetch(git, own.template, directory)
        tag, commit = request.release.tag, request.release.commit
        wheel = handover.extract_wheel(clone, own.directory, commit, tag, directory / "updater")
        if wheel is None:  # a release from before projects had a wheel
            from hangar_devkit.update.execute import execute  # noqa: PLC0415

            return execute(git, clone, own, request, options)
        target = [] if commit == own.commit else [f"--to={tag}"]
        return handover.hand_over(root, wheel, [*arguments, *target, f"--clone={clone}"])


def _request(
    git: Git, own: state.TemplateState, options: argparse.Namespace
) -> UpdateRequest | None:
    """Return what to update to; None, with a message to the user, if there is nothing to do."""
    known = releases.find_releases(git, str(options.clone or own.template))
    release = releases.choose(known, options.to)
    version = releases.current(known, own.commit, lambda: state.own_version(git.directory))
    given = dict(options.answer)
    ahead = not options.to and version is not None and version >= release.version
    if own.commit != release.commit and not ahead:
        return UpdateRequest(version, release, given)
    from hangar_devkit.update import managed  # noqa: PLC0415

    if given or managed.has_wrong_wheel(git.directory, adopted=own.is_adopted):
        # The same version, written again.
        return UpdateRequest(
            version, releases.Release(version or release.version, own.commit), given
        )
    print(f"Nothing to do: the project is at {release.tag}.")
    return None
