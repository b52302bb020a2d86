"""A series of releases based on the current template, for tests of updates.

v1.0.0  the current template
v1.1.0  small: a line in a template file and in every shared file, new files, a file removed
v1.2.0  answers renamed, revalued and added; a file renamed; bytes; a migration of the user's files
v2.0.0  an answer removed; ownership changed; edits beside those of the earlier releases
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from scripts import wheel
from tests.support.template import snapshot

REPOSITORY = Path(__file__).parents[2]
PROJECT = "{{=cookiecutter.__project}}"
RELEASES = ("v1.0.0", "v1.1.0", "v1.2.0", "v2.0.0")
NEWEST = RELEASES[-1]


def git(where: Path, *arguments: str) -> str:
    """Run git as the user of the tests."""
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    command = ["git", *who, "-c", "commit.gpgsign=false", *arguments]
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def commit(where: Path, message: str) -> None:
    """Commit all changes."""
    git(where, "add", "--all")
    git(where, "commit", "--quiet", "--allow-empty", "--message", message)


def build(root: Path) -> Path:
    """Create a repository of the template with all releases, and return its path."""
    snapshot(root)
    shutil.rmtree(root / "migrations", ignore_errors=True)
    for tag, change in zip(RELEASES, (_first, _small, _answers, _large), strict=True):
        add_release(root, tag, change)
    return root


def add_release(root: Path, tag: str, change: Callable[[Path], None]) -> None:
    """Add a release to a template's repository, with a wheel of its own."""
    change(root)
    _state_version(root, tag)
    tag_release(root, tag)


def insert(file: Path, after: str, text: str) -> None:
    """Insert text after the first line that contains `after`."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    index = next(number for number, line in enumerate(lines) if after in line)
    lines.insert(index + 1, text)
    file.write_text("".join(lines), encoding="utf-8")


def append(file: Path, text: str) -> None:
    """Append text to a file."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(text)


def replace(file: Path, old: str, new: str) -> None:
    """Replace text, which must exist in the file."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def tag_release(root: Path, tag: str) -> None:
    """Commit all that there is as a release."""
    commit(root, tag)
    git(root, "tag", "--annotate", "--message", tag, tag)


def _state_version(root: Path, tag: str) -> None:
    manifest = root / "devkit" / "pyproject.toml"
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    index = next(number for number, line in enumerate(lines) if line.startswith("version = "))
    lines[index] = f'version = "{tag[1:]}"\n'
    manifest.write_text("".join(lines), encoding="utf-8")
    wheel.install(root)
    log = root / "CHANGELOG.md"
    if tag != RELEASES[0]:
        text = log.read_text(encoding="utf-8")
        log.write_text(text.replace("## ", f"## {tag[1:]}\n\n- What {tag} is.\n\n## ", 1))


def _first(root: Path) -> None:
    project = root / PROJECT
    (project / "tools" / "going.txt").write_text("This file goes.\n", encoding="utf-8")
    (project / "tools" / "moving.txt").write_text("one\ntwo\nthree\nfour\nfive\n", encoding="utf-8")
    (project / "tools" / "quiet").mkdir()
    (project / "tools" / "quiet" / "kept.txt").write_text("A directory to delete.\n")
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## 1.0.0\n\n- The first.\n")


def _small(root: Path) -> None:
    project = root / PROJECT
    append(project / "tools" / "ruff.toml", "# since v1.1.0\n")
    append(project / "SECURITY.md", "\nSince v1.1.0: answers within a week.\n")
    insert(project / "pyproject.toml", "readme =", 'keywords = ["readings"]\n')
    insert(project / "Dockerfile", "ARG PYTHON_VERSION", "ARG SINCE=v1.1.0\n")
    insert(project / "compose.yaml", "services:", "  # since v1.1.0\n")
    insert(project / "mkdocs.yml", "site_dir:", "use_directory_urls: true\n")
    append(project / ".pre-commit-config.yaml", "      # since v1.1.0\n")
    insert(project / ".devcontainer" / "devcontainer.json", '"init"', "  // since v1.1.0\n")
    insert(project / ".github" / "workflows" / "ci.yml", "fail-fast", "      # since v1.1.0\n")
    insert(project / "renovate.json5", '"ignorePaths"', "  // since v1.1.0\n")
    (project / "tools" / "coming.txt").write_text("This file comes.\n", encoding="utf-8")
    (project / "tools" / "quiet" / "new.txt").write_text("New in a directory.\n", encoding="utf-8")
    (project / "tests" / "test_new.py").write_text('"""New in your paths."""\n', encoding="utf-8")
    (project / "tools" / "going.txt").unlink()


def _answers(root: Path) -> None:
    project = root / PROJECT
    for file in [root / "cookiecutter.json", *_files(root / "hooks"), *_files(project)]:
        _rename_answer(file)
    questions = root / "cookiecutter.json"
    replace(questions, '"Proprietary"', '"Closed"')
    (root / "templates" / "licenses" / "Proprietary").rename(
        root / "templates" / "licenses" / "Closed"
    )
    for file in _files(project):
        if b"'Proprietary'" in file.read_bytes():
            replace(file, "'Proprietary'", "'Closed'")
    replace(
        questions,
        '  "ml_pipeline": false,',
        '  "ml_pipeline": false,\n  "tone": ["brief", "long"],',
    )
    (project / "tools" / "moving.txt").rename(project / "tools" / "moved.txt")
    (project / "tools" / "tone-{{= cookiecutter.tone }}.md").write_text("A tone.\n")
    (project / "tools" / "picture.bin").write_bytes(bytes(range(256)))
    script = project / "tools" / "script"
    script.write_text("#!/bin/sh\ntrue\n", encoding="utf-8")
    script.chmod(0o755)
    folder = root / "migrations" / "v1.2.0"
    folder.mkdir(parents=True)
    (folder / "answers.toml").write_text(
        '[renamed]\nci = "forge"\n[values.license]\nProprietary = "Closed"\n'
        '[added]\ntone = "long"\n',
        encoding="utf-8",
    )
    (folder / "migrate.py").write_text(
        '"""Name the new file in the project\'s own changelog."""\n'
        "from pathlib import Path\n"
        'log = Path("CHANGELOG.md")\n'
        'text = log.read_text(encoding="utf-8")\n'
        'if "tools/script" not in text:\n'
        '    log.write_text(text + "- Use tools/script.\\n", encoding="utf-8")\n',
        encoding="utf-8",
    )


def _rename_answer(file: Path) -> None:
    raw = file.read_bytes()
    for old, new in ((b"cookiecutter.ci", b"cookiecutter.forge"), (b'"ci"', b'"forge"')):
        raw = raw.replace(old, new)
    if raw != file.read_bytes():
        file.write_bytes(raw)


def _large(root: Path) -> None:
    project = root / PROJECT
    replace(root / "cookiecutter.json", '  "tone": ["brief", "long"],\n', "")
    (project / "tools" / "tone-{{= cookiecutter.tone }}.md").unlink()
    append(project / "tools" / "ruff.toml", "# since v2.0.0\n")
    append(project / "tools" / "moved.txt", "six\n")
    insert(project / "pyproject.toml", "skip = [", '  "notes/*",\n')
    insert(project / "Dockerfile", "ARG SINCE", "ARG LATER=v2.0.0\n")
    (project / "notes").mkdir()
    (project / "notes" / "first.md").write_text("Yours from now on.\n", encoding="utf-8")
    (project / "tools" / "coming.txt").unlink()
    folder = root / "migrations" / "v2.0.0"
    folder.mkdir(parents=True)
    (folder / "answers.toml").write_text('[removed]\ntone = "there is one tone"\n')


def _files(where: Path) -> list[Path]:
    """Return the files that are rendered; `tools` is only copied."""
    return [
        path
        for path in where.rglob("*")
        if path.is_file() and "tools" not in path.relative_to(where).parts and path.suffix != ".pyc"
    ]
