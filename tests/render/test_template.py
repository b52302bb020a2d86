"""The template itself: every prompt explained, every file reachable, hooks that only read."""

import ast
import re
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest
from cookiecutter.main import cookiecutter

from tests.conftest import Render
from tests.support.render import by_api, contents
from tests.support.template import (
    COPIED,
    PACKAGE,
    PROMPTS,
    QUESTIONS,
    ROOT,
    SOURCE,
    TAGS,
    TEXTS,
    VALUES,
    git,
    known,
)

HOOKS = sorted((ROOT / "hooks").glob("*.py"))
# What a hook may import: nothing that reaches a process, the network, the clock or chance.
PURE = {
    *("collections", "functools", "json", "keyword", "os", "pathlib", "re", "shlex", "shutil"),
    *("sys", "typing", "unicodedata"),
}
# `os` reaches all of those: what a hook may use of it only says where it runs, looks at files,
# or deletes them.
FILES = {"environ", "getcwd", "listdir", "path", "remove", "rmdir"}


def tracked() -> list[str]:
    """List the files of the template's project directory, as git knows them."""
    names = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z", SOURCE.name)
    return [name for name in names.split("\0") if name and (ROOT / name).exists()]


def as_written(name: str) -> str:
    """Give the path that a file of the template has in the default project."""
    return name.removeprefix(f"{SOURCE.name}/").replace(PACKAGE, "my_project")


def copied(name: str) -> bool:
    """Say whether the engine copies a file, or a directory that it is in, as it stands."""
    inner = PurePosixPath(name).relative_to(SOURCE.name)
    paths = [inner, *inner.parents]
    return any(fnmatch(str(path), pattern) for path in paths for pattern in COPIED)


def tagged(name: str) -> bool:
    """Say whether a file has something to render."""
    text = (ROOT / name).read_bytes().decode(errors="replace")
    return any(tag in text for tag in TAGS)


def features() -> dict[str, tuple[str, set[object]]]:
    """Read the list of optional files from the hook."""
    source = (ROOT / "hooks" / "post_gen_project.py").read_text(encoding="utf-8")
    table = re.search(r"^FEATURES\b[^=]*= (\{.*?^\})", source, re.MULTILINE | re.DOTALL)
    assert table is not None
    plain = table[1].replace(' f"', ' "').replace("{ANSWERS['package_name']}", PACKAGE)
    found: dict[str, tuple[str, set[object]]] = ast.literal_eval(plain)
    return found


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_explained(name: str) -> None:
    assert PROMPTS[name]


def test_nothing_is_explained_that_is_not_asked() -> None:
    assert set(PROMPTS) == set(QUESTIONS)


@pytest.mark.parametrize(("name", "value"), [v for v in VALUES if not isinstance(v[1], bool)])
def test_every_choice_has_a_label(name: str, value: str) -> None:
    prompt = PROMPTS[name]
    # A plain string explains choices that say themselves what they are, such as versions.
    assert isinstance(prompt, str) or prompt[value]


def test_at_most_a_dozen_questions() -> None:
    assert len(QUESTIONS) <= 12


def test_no_default_names_a_person() -> None:
    assert QUESTIONS["author_name"].startswith("The ")


def test_unknown_answers_are_no_answers() -> None:
    with pytest.raises(KeyError):
        known({"licence": "MIT"})


def test_unknown_values_are_no_values() -> None:
    with pytest.raises(ValueError, match="license has no value 'GPL'"):
        known({"license": "GPL"})


def size(project: Path) -> tuple[int, int]:
    """Count files and lines, without the wheel."""
    texts = [text for name, text in contents(project).items() if not name.endswith(".whl")]
    return len(texts), sum(text.count(b"\n") for text in texts)


def test_a_project_has_few_files(render: Render) -> None:
    assert size(render({}))[0] <= 80


def test_a_project_has_few_lines(render: Render) -> None:
    assert size(render({}))[1] <= 6100


def test_a_project_with_the_pipeline_has_few_files(render: Render) -> None:
    assert size(render({"ml_pipeline": True}))[0] <= 155


def test_every_file_is_reachable(render: Render) -> None:
    reached = {name for option, value in VALUES for name in contents(render({option: value}))}
    assert [name for name in tracked() if as_written(name) not in reached] == []


def test_every_optional_path_is_in_the_template() -> None:
    assert [path for path in features() if not (SOURCE / path).exists()] == []


def test_every_optional_path_follows_an_option() -> None:
    named = {(option, value) for option, values in features().values() for value in values}
    assert named <= set(VALUES)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.stem)
def test_hooks_import_nothing_that_acts(hook: Path) -> None:
    imports = re.findall(
        r"^ *(?:import|from) (\w+)", hook.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert set(imports) <= PURE


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.stem)
def test_hooks_ask_the_system_for_files_only(hook: Path) -> None:
    called = re.findall(r"\bos\.(\w+)", hook.read_text(encoding="utf-8"))
    assert set(called) <= FILES


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.stem)
def test_hooks_are_the_engine_s(hook: Path) -> None:
    assert hook.stem in {"pre_gen_project", "post_gen_project"}


def test_template_has_no_links() -> None:
    # The engine follows links to files and empties links to directories.
    assert [name for name in tracked() if (ROOT / name).is_symlink()] == []


def test_tools_are_copied_as_they_stand(render: Render) -> None:
    # The wheel is built for the tests; `nox -s wheel -- --check` compares the one in git.
    written = {n: c for n, c in contents(render({})).items() if n.startswith("tools/")}
    source = {
        as_written(name): (ROOT / name).read_bytes()
        for name in tracked()
        if as_written(name).startswith("tools/")
    }
    wheel = next(name for name in written if name.endswith(".whl"))
    assert {**written, wheel: b""} == {**source, wheel: b""}


def test_a_file_without_tags_is_copied() -> None:
    # The engine compiles what it renders: a millisecond or two for each file.
    assert [name for name in tracked() if not tagged(name) and not copied(name)] == []


def test_a_file_with_tags_is_rendered() -> None:
    # `tools/` has no tags, but programs that know what a tag is.
    found = [name for name in tracked() if not name.startswith(f"{SOURCE.name}/tools/")]
    assert [name for name in found if tagged(name) and copied(name)] == []


@pytest.mark.parametrize("pattern", COPIED)
def test_what_is_copied_is_in_the_template(pattern: str) -> None:
    names = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*")}
    assert any(fnmatch(name, pattern) for name in names)


def test_a_second_rendering_keeps_the_user_s_files(tmp_path: Path) -> None:
    # The engine deletes a directory before it copies one: those must be the template's alone.
    project = by_api(ROOT, tmp_path, {})
    places = [project, *(path for path in project.rglob("*") if path.is_dir())]
    for place in places:
        (place / "mine").touch()
    cookiecutter(str(ROOT), no_input=True, output_dir=str(tmp_path), overwrite_if_exists=True)
    lost = [place.relative_to(project) for place in places if not (place / "mine").exists()]
    assert [path for path in lost if path.parts[0] != "tools" and path.name != "edge"] == []


def test_the_hook_bounds_every_text() -> None:
    source = (ROOT / "hooks" / "pre_gen_project.py").read_text(encoding="utf-8")
    bounds = re.search(r"^MAX_LENGTH = (\{.*?\n\})", source, re.MULTILINE | re.DOTALL)
    assert bounds is not None
    assert set(ast.literal_eval(bounds[1])) == set(TEXTS)
