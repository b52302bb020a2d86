"""Random repositories for updates: a small template with two releases, and projects made from it.

A seed decides what is special about a repository. What an update may do to one is in `updates`.
"""

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hangar_devkit.update.rendering import Job, render
from hangar_devkit.update.state import STATE_FILE, TemplateState

PROJECT = "{{cookiecutter.slug}}"
IGNORED = ("*.rejects", "local/", ".env")
WHO = (
    "-c",
    "user.name=Tester",
    "-c",
    "user.email=tester@example.com",
    "-c",
    "commit.gpgsign=false",
)
LINES = "".join(f"line {number}\n" for number in range(12))
BASE: dict[str, str] = {
    "pyproject.toml": (
        '[project]\nname = "p"\nversion = "1"\n\n'
        '[tool.cruft]\nskip = ["yours/*", "CHANGELOG.md", "src/*", "tests/*"]\n\n'
        '[tool.hangar]\ntemplate = "1.0.0"\n'
        'shared = ["shared.cfg", "pyproject.toml", ".gitignore"]\n'
    ),
    ".gitignore": "".join(f"{pattern}\n" for pattern in IGNORED),
    "CHANGELOG.md": "# Changes\n",
    "shared.cfg": LINES,
    "tools/edited.txt": LINES,
    "tools/deleted.txt": "This file goes.\n",
    "tools/old name.txt": f"Moved.\n{LINES}",
    "tools/dir/file.txt": "A file that becomes a directory.\n",
    "yours/example.txt": "An example.\n",
    "src/p/cli.py": '"""An example."""\n',
}
MIGRATION = """\
from pathlib import Path
log = Path("CHANGELOG.md")
log.write_bytes(log.read_bytes() + b"- Updated.\\n")
"""


_FLAGS = ("--assume-unchanged", "--skip-worktree")


def git(where: Path, *arguments: str) -> str:
    """Run git as the tester; return its output."""
    command = ["git", *WHO, "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, cwd=where, capture_output=True, check=True)
    return done.stdout.decode(errors="surrogateescape")


def commit(where: Path, message: str) -> None:
    """Commit all changes."""
    git(where, "add", "--all")
    git(where, "commit", "--quiet", "--allow-empty", f"--message={message}")


def build_template(root: Path, *, migration: bool) -> Path:
    """Make a template with the releases v1.0.0 and v2.0.0.

    Args:
        root: Where.
        migration: Whether v2.0.0 has a script that edits the user's files.
    """
    project = root / PROJECT
    project.mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "cookiecutter.json").write_text('{"slug": "p"}\n')
    for name, text in BASE.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    commit(root, "v1.0.0")
    git(root, "tag", "v1.0.0")
    manifest = project / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("1.0.0", "2.0.0"))
    (project / ".gitignore").write_text("*.log\n")  # what was ignored no longer is
    (project / "shared.cfg").write_text(LINES.replace("line 6\n", "line 6 of v2.0.0\n"))
    (project / "tools/edited.txt").write_text(LINES.replace("line 6\n", "line 6 of v2.0.0\n"))
    (project / "tools/deleted.txt").unlink()
    (project / "tools/old name.txt").rename(project / "tools/new name.txt")
    shutil.rmtree(project / "tools/dir")
    (project / "tools/dir").write_text("A directory that became a file.\n")
    (project / "tools/script").write_text("#!/bin/sh\ntrue\n")
    (project / "tools/script").chmod(0o755)
    (project / "yours/new.txt").write_text("New in your paths.\n")
    (project / "tests").mkdir()
    (project / "tests/test_cli.py").write_text('"""A test of the example."""\n')
    if migration:
        (root / "migrations/v2.0.0").mkdir(parents=True)
        (root / "migrations/v2.0.0/migrate.py").write_text(MIGRATION)
    commit(root, "v2.0.0")
    git(root, "tag", "v2.0.0")
    return root


def render_first(template: Path, into: Path) -> Path:
    """Render v1.0.0 with its `.cruft.json`; return the files, to be copied into repositories."""
    source = into / "source"
    git(template, "clone", "--quiet", "--branch=v1.0.0", str(template), str(source))
    fingerprint = git(source, "rev-parse", "HEAD").strip()
    job = Job(source, fingerprint, {})
    (made,) = render(str(template), [job], into / "renderings")
    data = {"template": str(template), "commit": "", "checkout": "", "context": {}}
    state = TemplateState({**data, "directory": None}).at(fingerprint, "v1.0.0", made.context)
    (made.root / STATE_FILE).write_text(state.text())
    return made.root


@dataclass
class Case:
    """A repository to update.

    Attributes:
        top: The top of its work tree.
        project: The project in it.
        features: What is special about it.
        during: What the user does while the update runs, before it writes.
        refused: Whether the update must be refused.
    """

    top: Path
    project: Path
    features: list[str] = field(default_factory=list)
    during: list[Callable[[], None]] = field(default_factory=list)
    refused: bool = False


def make_case(seed: int, rendered: Path, directory: Path) -> Case:
    """Make the repository of a seed.

    Args:
        seed: What decides.
        rendered: The rendering of v1.0.0.
        directory: An empty directory for it.
    """
    draw = random.Random(seed)
    top = directory / "repository"
    inner = draw.choice(["", "", "apps/it's $HOME"])
    project = top / inner
    shutil.copytree(rendered, project, symlinks=True)
    case = Case(top, project)
    if inner:
        case.features.append("subdirectory")
        (top / "other.txt").write_text("Another project.\n")
    options = ["--object-format=sha256"] if draw.random() < 0.2 else []
    case.features += ["SHA-256"] * len(options)
    git(top, "init", "--quiet", "--initial-branch=main", *options)
    commit(top, "Start")
    for feature in FEATURES:
        if draw.random() < 0.3:
            case.features.append(feature.__name__.replace("_", " "))
            feature(case, draw)
    commit(top, "Edits")
    for change in LATER:
        if draw.random() < 0.25:
            case.features.append(change.__name__.replace("_", " "))
            change(case, draw)
    return case


def conflicting_edit(case: Case, draw: random.Random) -> None:
    """Edit the lines that v2.0.0 edits."""
    file = case.project / draw.choice(["shared.cfg", "tools/edited.txt"])
    file.write_text(file.read_text().replace("line 6\n", "line 6 of ours\n"))


def merged_edit(case: Case, draw: random.Random) -> None:
    """Edit other lines of such a file."""
    file = case.project / draw.choice(["shared.cfg", "tools/edited.txt", "tools/old name.txt"])
    file.write_text(f"ours\n{file.read_text()}")


def edit_of_a_deleted_file(case: Case, _: random.Random) -> None:
    """Edit the file that v2.0.0 drops."""
    (case.project / "tools/deleted.txt").write_text("Ours now.\n")


def deleted_file(case: Case, draw: random.Random) -> None:
    """Delete a file of the template."""
    (case.project / draw.choice(["tools/edited.txt", "tools/dir/file.txt"])).unlink()


def own_files(case: Case, draw: random.Random) -> None:
    """Add files, one of them executable, and one where v2.0.0 has one."""
    (case.project / "src/deep").mkdir(parents=True)
    (case.project / "src/deep/a.py").write_text("A = 1\n")
    (case.project / "run").write_text("#!/bin/sh\n")
    (case.project / "run").chmod(0o755)
    if draw.random() < 0.5:
        (case.project / "tools/script").write_text("ours\n")


def own_code(case: Case, _: random.Random) -> None:
    """Replace the example."""
    (case.project / "src/p/cli.py").write_text('"""Ours."""\n')


def symbolic_links(case: Case, _: random.Random) -> None:
    """Add links: to a file, to a directory, to nothing."""
    for name, target in {"a": "pyproject.toml", "b": "tools", "c": "../nowhere"}.items():
        (case.project / f"link-{name}").symlink_to(target)


def names_that_are_not_utf8(case: Case, draw: random.Random) -> None:
    """Add names in Latin-1, with quotes, with a line end."""
    for name in (b"caf\xe9.csv", b'a "quoted" name', b"two\nlines", b"[glob]*"):
        if draw.random() < 0.7:
            (case.project / os.fsdecode(name)).write_text("ours\n")


def line_ends(case: Case, draw: random.Random) -> None:
    """Commit CRLF as it is, then declare text; or check out with CRLF."""
    (case.project / "windows.txt").write_bytes(b"one\r\ntwo\r\n")
    commit(case.top, "CRLF")
    rule = draw.choice(["*.txt text\n", "windows.txt text\n", "*.cfg text eol=crlf\n"])
    (case.project / ".gitattributes").write_text(rule)
    # Only the rule: to add the other files again would convert them.
    git(case.project, "add", ".gitattributes")
    git(case.project, "commit", "--quiet", "--message=Attributes")
    git(case.top, "rm", "--quiet", "-r", "--cached", ".")
    git(case.top, "reset", "--quiet", "--hard")


def large_file_storage(case: Case, _: random.Random) -> None:
    """Commit a pointer of LFS, whose filter is not installed."""
    (case.project / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (case.project / "model.bin").write_text(f"version x\noid sha256:{'0' * 64}\nsize 9\n")


def submodule(case: Case, draw: random.Random) -> None:
    """Add a submodule, and perhaps remove its files as in a fresh clone."""
    library = case.top.parent / "library"
    if case.features.count("SHA-256") or library.exists():
        return
    library.mkdir()
    git(library, "init", "--quiet", "--initial-branch=main")
    (library / "lib.txt").write_text("library\n")
    commit(library, "Start")
    git(case.project, "submodule", "--quiet", "add", str(library), "vendor/lib")
    if draw.random() < 0.5:
        commit(case.top, "Submodule")
        git(case.project, "submodule", "--quiet", "deinit", "--force", "vendor/lib")


def file_as_a_link(case: Case, draw: random.Random) -> None:
    """Replace a file that v2.0.0 edits by a link to another file."""
    file = case.project / draw.choice(["shared.cfg", "tools/edited.txt"])
    file.unlink(missing_ok=True)
    file.symlink_to(draw.choice([f"{case.project}/yours/example.txt", "../other.txt", "nowhere"]))


FEATURES = (
    conflicting_edit,
    merged_edit,
    edit_of_a_deleted_file,
    deleted_file,
    own_files,
    own_code,
    symbolic_links,
    names_that_are_not_utf8,
    large_file_storage,
    submodule,
    line_ends,
    file_as_a_link,
)


def ignored_files(case: Case, _: random.Random) -> None:
    """Have files that git ignores, which v2.0.0 no longer ignores."""
    (case.project / "local/deep").mkdir(parents=True)
    for name in (".env", "bad.rejects", "local/deep/model.bin"):
        (case.project / name).write_text("a secret\n")


def worktree(case: Case, _: random.Random) -> None:
    """Work in a linked work tree."""
    inner = case.project.relative_to(case.top)
    linked = case.top.parent / "worktree"
    git(case.top, "worktree", "add", "--quiet", "-b", "linked", str(linked))
    case.top, case.project = linked, linked / inner


def sparse(case: Case, draw: random.Random) -> None:
    """Check out a part."""
    inner = case.project.relative_to(case.top).as_posix()
    prefix = "/" if inner == "." else f"/{inner}/"
    left = draw.choice(["tools/", "yours/", "shared.cfg"])
    patterns = ["/*", f"!{prefix}{left}"]
    git(case.top, "sparse-checkout", "set", "--no-cone", *patterns)


def hidden_edit(case: Case, draw: random.Random) -> None:
    """Edit a file and hide that from git."""
    name = draw.choice(["shared.cfg", "yours/example.txt", "tools/edited.txt"])
    file = case.project / name
    if not file.exists() or file.is_symlink() or "conflicting edit" in case.features:
        return
    # In a sparse checkout git itself drops `skip-worktree` from files that exist.
    flags = ["--assume-unchanged"] if "sparse" in case.features else [*_FLAGS]
    flag = draw.choice(flags)
    git(case.project, "update-index", flag, name)
    file.write_text(file.read_text() + "# a local setting\n")
    case.refused = case.refused or not name.startswith("yours/")


def untracked_file(case: Case, draw: random.Random) -> None:
    """Have a file that git does not know, in a tenth of the cases."""
    if draw.random() < 0.6:
        case.features.pop()
        return
    (case.project / "stray.txt").write_text("stray\n")
    case.refused = True


def save_while_it_runs(case: Case, draw: random.Random) -> None:
    """Save a new file, or edit one, while the update runs."""
    name = draw.choice(["new idea.txt", "yours/example.txt", "shared.cfg"])
    file = case.project / name
    if file.is_symlink():
        return

    def save() -> None:
        with suppress(FileNotFoundError):
            old = file.read_text() if file.exists() else ""
            file.write_text(f"{old}saved meanwhile\n")

    case.during.append(save)
    case.refused = case.refused or name == "shared.cfg"


LATER = (
    worktree,
    sparse,
    ignored_files,
    hidden_edit,
    save_while_it_runs,
    untracked_file,
)
