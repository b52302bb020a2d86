"""Read what the project knows of its template, and check that its tree is ready for an update."""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, Tree, user_git
from hangar_devkit.update.ownership import covers

STATE_FILE = ".cruft.json"
JOURNAL = "hangar-update"  # in git's own directory, while files are being written
WAY_BACK = "git reset --hard HEAD"
_IN_PROGRESS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


@dataclass(frozen=True)
class TemplateState:
    """The state of the project relative to its template, as cruft keeps it in `.cruft.json`."""

    data: dict[str, Any]

    @property
    def template(self) -> str:
        """Where the template's repository is."""
        return str(self.data["template"])

    @property
    def commit(self) -> str:
        """The template's commit that the project was last rendered from."""
        return str(self.data["commit"])

    @property
    def directory(self) -> str:
        """Where in its repository the template is; empty for the top."""
        return str(self.data.get("directory") or "")

    @property
    def answers(self) -> dict[str, Any]:
        """The answers that a person gave; private variables follow from them."""
        context = self.data["context"]["cookiecutter"]
        return {name: value for name, value in context.items() if not name.startswith("_")}

    @property
    def is_adopted(self) -> bool:
        """Whether the project existed before, and took only some files of the template."""
        return "adopted" in self.data

    def taken(self, tree: Tree) -> Tree:
        """Return the files of a rendering that the project takes: all, unless it was adopted."""
        if not self.is_adopted:
            return tree
        patterns = self.data["adopted"]
        return {p: each for p, each in tree.items() if any(covers(one, p) for one in patterns)}

    def at(self, commit: str, checkout: str | None, context: dict[str, Any]) -> "TemplateState":
        """Return the state after an update."""
        return TemplateState(
            {**self.data, "commit": commit, "checkout": checkout, "context": context}
        )

    def text(self) -> str:
        """Return the file's content, byte for byte as cruft writes it."""
        return json.dumps(self.data, ensure_ascii=False, indent=2, separators=(",", ": ")) + "\n"


def read_state(root: Path) -> TemplateState:
    """Read `.cruft.json`.

    Raises:
        UpdateError: If the project has no such file, or one that cannot be read.
    """
    path = root / STATE_FILE
    try:
        state = TemplateState(json.loads(path.read_text(encoding="utf-8")))
        problem = _problem(state)
    except FileNotFoundError:
        raise UpdateError(
            f"{path} is missing, so the project's template is not known.\n"
            "Restore the file from git, or link the project to its template with `cruft link`."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = str(error)
    if problem:
        raise UpdateError(
            f"{path} cannot be read: {problem}.\nRestore it: git checkout HEAD -- {STATE_FILE}"
        )
    return state


def _problem(state: TemplateState) -> str:
    if not re.fullmatch(r"[0-9a-f]{40,64}", state.commit) or not isinstance(state.answers, dict):
        return "commit or answers are not what cruft writes"
    return "the template is not an address" if state.template.startswith("-") else ""


def own_version(root: Path) -> str:
    """Return the template's version that the project has, as its files state it; else nothing.

    `[tool.hangar] template` in pyproject.toml states it. Before v0.2.0, tools/pyproject.toml did.
    """
    for name, keys in (
        ("pyproject.toml", ("tool", "hangar", "template")),
        ("tools/pyproject.toml", ("project", "version")),
    ):
        try:
            value: Any = tomllib.loads((root / name).read_text(encoding="utf-8"))
            for key in keys:
                value = value[key]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        return str(value)
    return ""


def open_repository(root: Path) -> Git:
    """Return git for the project.

    Raises:
        UpdateError: If the project is not a repository of its own, or has no commit yet.
    """
    git = user_git(root)
    if not git.succeeds("rev-parse", "--git-dir"):
        raise UpdateError(
            f"{root} is not a git repository, so an update could not be undone.\n"
            "Run `git init`, commit, then run again."
        )
    if git.line("rev-parse", "--show-prefix"):
        raise UpdateError(
            f"{root} is a subdirectory of a git repository; an update needs a project at the top."
        )
    if not git.succeeds("rev-parse", "--verify", "--quiet", "HEAD"):
        raise UpdateError(f"{root} has no commit yet. Commit, then run again.")
    return git


def refuse_unfinished(git: Git) -> None:
    """Refuse a tree that an earlier, killed update left half-written.

    Raises:
        UpdateError: With the commands that bring the tree back.
    """
    directory = Path(git.line("rev-parse", "--absolute-git-dir"))
    journal = directory / JOURNAL
    if not journal.exists():
        return
    if not changes(git) and not (directory / "index.lock").exists():
        journal.unlink()  # killed before the first write, or taken back since
        return
    commands = [WAY_BACK]
    if (directory / "index.lock").exists():
        commands.insert(0, f'rm "{directory / "index.lock"}"')
    raise UpdateError(
        f"An update to {journal.read_text(encoding='utf-8').strip()} was killed while it wrote.\n"
        f"The tree was clean before it. Bring it back: {' && '.join(commands)}"
    )


def refuse_dirty(git: Git) -> None:
    """Refuse a tree with changes that are not committed: they would mix with those of the update.

    Raises:
        UpdateError: With the first of the changes.
    """
    directory = Path(git.line("rev-parse", "--absolute-git-dir"))
    busy = [name for name in _IN_PROGRESS if (directory / name).exists()]
    if busy:
        raise UpdateError(
            f"git is in the middle of something ({busy[0]}). Finish or abort it, then run again."
        )
    if (directory / "index.lock").exists():
        raise UpdateError(
            f"Another git process is running, or was killed: {directory / 'index.lock'} exists.\n"
            "If no git is running, remove that file, then run again."
        )
    changed = changes(git)
    if changed:
        shown = "".join(f"\n  {line}" for line in changed[:5])
        more = f"\n  and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise UpdateError(
            f"The tree has changes that are not committed:{shown}{more}\n"
            "Commit or stash them (git stash -u), then run again."
        )


def changes(git: Git) -> list[str]:
    """List what differs from the last commit, untracked files included."""
    status = git.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal")
    return [line for line in status.decode(errors="replace").split("\0") if line]
