"""Show what each hook would change in the files that a project had before its adoption."""

import re
import tempfile
from pathlib import Path

from hangar_devkit.adopt.layers import HOOKS
from hangar_devkit.adopt.suite import BIN, call
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, decode, user_git

_CONFIG = "tools/pre-commit.yaml"
_EXCLUDE = re.compile(
    r"^ {8}exclude: (?:&existing \|-\n(?: {10}.*\n)+|\*existing\n?)", re.MULTILINE
)


def widen(root: Path) -> str:
    """Run every hook on all files, in a copy; return what each would change or find.

    Raises:
        UpdateError: If the project does not have the layer `hooks`, or its tools.
    """
    programs = root / ".nox" / "hangar-tools" / BIN
    if not (root / _CONFIG).is_file():
        raise UpdateError(
            f"{root} does not have the layer hooks. Add it: hangar adopt {root} --yes"
        )
    if not (programs / "pre-commit").exists():
        raise UpdateError("The hooks have no environment yet. Make it: nox -s lint")
    lines = ["What each hook would do in the files that are excluded now:"]
    with tempfile.TemporaryDirectory(prefix="hangar-widen-") as temporary:
        copy = _copy(user_git(root), Path(temporary) / "copy")
        config = Path(temporary) / "config.yaml"
        text = (root / _CONFIG).read_text(encoding="utf-8")
        config.write_text(_EXCLUDE.sub("", text), encoding="utf-8")
        present = [hook for hook in HOOKS if f"- id: {hook}\n" in text]
        lines += [f"  {hook}: {_run(copy, programs, config, hook)}" for hook in present]
    lines.append(f"To open a hook to them, delete its line `exclude` in {_CONFIG}.")
    return "\n".join(lines)


def _copy(git: Git, copy: Path) -> Path:
    """Make a repository of the project alone, as it is in the last commit."""
    git.run("clone", "--quiet", "--local", "--no-hardlinks", "--no-checkout", git.top, str(copy))
    who = ("-c", "user.name=hangar", "-c", "user.email=hangar@example.com")
    inside = user_git(copy)
    tree = git.line("rev-parse", f"HEAD:{git.prefix}")
    commit = decode(inside.run(*who, "commit-tree", tree, "-m", "The project")).strip()
    inside.run("reset", "--quiet", "--hard", commit)
    return copy


def _run(copy: Path, programs: Path, config: Path, hook: str) -> str:
    git = user_git(copy)
    command = [str(programs / "pre-commit"), "run", f"--config={config}", "--all-files", hook]
    done = call(command, copy)
    changed = [line for line in git.run("diff", "--shortstat").decode().splitlines() if line]
    names = git.paths("diff", "--name-only", "-z")
    git.run("reset", "--quiet", "--hard")
    if done.returncode == 0:
        return "nothing"
    if changed:
        shown = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
        checks = "".join(f"; {each}" for each in done.stdout.splitlines() if each[:7] == "failed:")
        return f"{changed[0].strip()} ({shown}){checks}"
    findings = [line for line in done.stdout.splitlines()[1:] if line and not line.startswith("- ")]
    lines = "1 line" if len(findings) == 1 else f"{len(findings)} lines"
    return f"finds something, {lines}, such as: {findings[0][:60] if findings else ''}"
