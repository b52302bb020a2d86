"""Link a project to another commit of its template, with the answers that it has."""

import json
from pathlib import Path

from hangar_devkit.files import write_atomically
from hangar_devkit.update import answers, releases, rendering, state, worktree
from hangar_devkit.update.scratch import scratch_directory


def relink(root: Path, tag: str) -> str:
    """Write `.cruft.json` as if the project had been made from a release; no other file changes.

    This is for a template whose history was rewritten, so that it lacks the project's commit.

    Returns:
        A message for the user.

    Raises:
        UpdateError: If the template has no such release, or the answers do not fit it.
    """
    git = worktree.open_project(root)
    worktree.refuse_unfinished(git)
    worktree.refuse_dirty(git)
    own = state.read_state(root)
    release = releases.choose(releases.find_releases(git, own.template), tag)
    with scratch_directory() as directory:
        _, source = rendering.open_template(git, own.template, own.directory, directory)
        checkout = source.checkout(release.commit, directory / "new")
        questions = answers.read_questions(checkout)
        given = {name: value for name, value in own.answers.items() if name in questions}
        job = rendering.Job(
            checkout, release.commit, answers.migrate(given, questions, [], {}).answers
        )
        (rendered,) = rendering.render(own.template, [job], directory / "renderings")
    linked = own.at(release.commit, release.tag, rendered.context)
    write_atomically(root / state.STATE_FILE, linked.text())
    dropped = sorted(own.answers.keys() - given.keys())
    lines = [f"Linked to {release.tag}, with the answers that the project has."]
    if dropped:
        lines.append(f"{release.tag} does not ask for: {', '.join(dropped)}")
    if added := sorted(questions.keys() - own.answers.keys()):
        context = rendered.context["cookiecutter"]
        values = ", ".join(f"{name} = {json.dumps(context[name])}" for name in added)
        lines.append(f"{release.tag} also asks for: {values}")
    lines.append(
        f"Only {state.STATE_FILE} changed. Review it, commit it, then run: hangar update\n"
        f"To go back: git restore {state.STATE_FILE}"
    )
    return "\n".join(lines)
