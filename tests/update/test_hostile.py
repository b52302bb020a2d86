"""Whatever git, cookiecutter or Python the user has: the same result."""

import sys
from pathlib import Path

import pytest

from tests.support.edits import typical
from tests.support.projects import Factory, commit, files, update

pytestmark = pytest.mark.slow

GIT = """\
[advice]
    mergeConflict = true
[apply]
    whitespace = error
    ignoreWhitespace = change
[blame]
    coloring = highlightRecent
[checkout]
    defaultRemote = nowhere
[clone]
    defaultRemoteName = elsewhere
[color]
    ui = always
[column]
    ui = always
[commit]
    gpgSign = true
[core]
    abbrev = 4
    attributesFile = {directory}/attributes
    autocrlf = true
    excludesFile = {directory}/ignore
    hooksPath = {directory}/hooks
    pager = false
    quotePath = true
    safecrlf = true
    whitespace = trailing-space,cr-at-eol
[diff]
    algorithm = patience
    context = 0
    external = false
    mnemonicPrefix = true
    noprefix = true
    renames = false
    renameLimit = 1
[init]
    defaultBranch = trunk
    templateDir = {directory}/git-template
[merge]
    conflictStyle = diff3
    directoryRenames = true
    ff = only
    renames = false
    verifySignatures = true
[merge "ours"]
    driver = true
[rerere]
    enabled = true
    autoUpdate = true
[status]
    branch = true
    relativePaths = false
    showUntrackedFiles = no
    short = true
[tag]
    gpgSign = true
"""
PYTHONS = sorted(
    {
        Path(sys.executable),
        *Path.home().glob(".pyenv/versions/3.1[2-9].*/bin/python"),
        *Path.home().glob(".local/share/uv/python/cpython-3.1[2-9].*/bin/python"),
    }
)


def hostile(directory: Path) -> dict[str, str]:
    """Make the settings of somebody who has changed everything."""
    for name in ("hooks", "git-template/hooks"):
        (directory / name).mkdir(parents=True)
        for hook in (
            "post-checkout",
            "pre-commit",
            "post-merge",
            "post-index-change",
            "commit-msg",
        ):
            script = directory / name / hook
            script.write_text("#!/bin/sh\necho 'a hook ran' >&2\nexit 1\n", encoding="utf-8")
            script.chmod(0o755)
    (directory / "attributes").write_text("* -text merge=ours\n", encoding="utf-8")
    (directory / "ignore").write_text("*.toml\ncoming.txt\n", encoding="utf-8")
    (directory / "gitconfig").write_text(GIT.format(directory=directory), encoding="utf-8")
    (directory / "cookiecutterrc").write_text(
        "default_context:\n  tone: long\n  license: BSD-3-Clause\n  description: not mine\n",
        encoding="utf-8",
    )
    return {
        "GIT_CONFIG_GLOBAL": str(directory / "gitconfig"),
        "COOKIECUTTER_CONFIG": str(directory / "cookiecutterrc"),
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_INDEX_FILE": str(directory / "no-index"),  # as in a git hook
        "GIT_LITERAL_PATHSPECS": "1",
        "LANG": "de_DE.UTF-8",
    }


def outcome(project: Path) -> dict[str, bytes]:
    """Read every file of a project."""
    return {path: (project / path).read_bytes() for path in files(project)}


@pytest.fixture(scope="module")
def expected(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The result of the same update with settings as git makes them."""
    project = factory.project(tmp_path_factory.mktemp("plain") / "p", "v1.0.0")
    typical(project)
    commit(project, "Edits")
    done = update(project)
    assert done.returncode == 0, done.stderr
    return outcome(project)


def test_hostile_settings_change_nothing(
    factory: Factory, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    typical(project)
    commit(project, "Edits")
    done = update(project, environment=hostile(tmp_path / "settings"))
    assert (done.returncode, outcome(project)) == (0, expected), done.stderr


@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: path.parts[-3])
def test_every_python_gives_the_same(
    factory: Factory, tmp_path: Path, expected: dict[str, bytes], python: Path
) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    typical(project)
    commit(project, "Edits")
    done = update(project, python=str(python), environment={"UV_PYTHON": str(python)})
    assert (done.returncode, outcome(project)) == (0, expected), done.stderr


def test_settings_of_cookiecutter_do_not_answer_new_questions(
    factory: Factory, tmp_path: Path
) -> None:
    project = factory.project(tmp_path / "p", "v1.1.0")
    done = update(project, "--to", "v1.2.0", environment=hostile(tmp_path / "settings"))
    assert (project / "tools" / "tone-long.md").exists(), done.stderr


def test_a_conflict_is_no_less_one(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    with (project / "tools" / "ruff.toml").open("a", encoding="utf-8") as stream:
        stream.write("# ours\n")
    commit(project, "Edit")
    done = update(project, environment=hostile(tmp_path / "settings"))
    assert (done.returncode, "tools/ruff.toml: conflict" in done.stderr) == (1, True)


def test_the_templates_address_is_never_an_option(factory: Factory, tmp_path: Path) -> None:
    project = factory.project(tmp_path / "p", "v1.0.0")
    link = project / ".cruft.json"
    address = '"template": "--upload-pack=touch evil"'
    link.write_text(link.read_text().replace(f'"template": "{factory.template}"', address))
    commit(project, "Evil")
    assert "is not an address" in update(project).stderr
