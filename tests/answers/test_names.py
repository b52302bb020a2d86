"""Invalid names are refused, and nothing is written; a default is never refused."""

import json
import shlex
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.answers.conftest import Refusal
from tests.answers.corpus import NAMES, VALID_NAMES
from tests.conftest import Render
from tests.support.engine import complete, load_hook, refusals
from tests.support.render import Run, by_cookiecutter, by_cruft
from tests.support.template import TAGS, TEXTS

ENGINES = {"cookiecutter": by_cookiecutter, "cruft": by_cruft}
RESERVED = sorted(
    name.replace("_", "-")
    for each in ("DEVICES", "OTHER_STDLIB", "TAKEN", "LOCKED", "COMMANDS")
    for name in getattr(load_hook(), each)
)


@pytest.mark.parametrize("answer", ["project_slug", "package_name"])
def test_invalid_names_are_refused(answer: str) -> None:
    lines = {name: refusals({answer: name}).get(answer, "") for name in NAMES}
    assert [name for name, reason in NAMES.items() if reason not in lines[name]] == []


@pytest.mark.parametrize(
    "answers", [{"project_slug": "hangar-devkit"}, {"package_name": "hangar_devkit"}], ids=str
)
def test_name_of_the_tooling_is_refused(answers: dict[str, str]) -> None:
    assert "part of the project" in " ".join(refusals(answers).values())


def test_valid_names_are_accepted() -> None:
    assert [name for name in VALID_NAMES if refusals({"project_slug": name})] == []


def test_valid_name_is_kept(render: Render) -> None:
    assert (render({"project_slug": "pages"}) / "src" / "pages" / "__init__.py").exists()


def test_words_are_joined_for_python(render: Render) -> None:
    project = render({"project_name": "Data Łake 2"})
    assert [path.name for path in (project / "src").iterdir()] == ["data_lake_2"]


# A name that people say, of any script: everything that is accepted as the project's name.
PROJECT_NAMES = st.text(min_size=1, max_size=80).filter(lambda text: text == text.strip())


@given(
    name=PROJECT_NAMES | st.sampled_from(RESERVED).map(lambda name: name.replace("-", " ").title())
)
@example(name="2D Backtester")
@example(name="数据")
@example(name="🚀")
@example(name="class")
@example(name="x" * 80)
@example(name="x" * 41 + " " + "y" * 38)
@settings(max_examples=1000, deadline=None)
def test_a_default_is_never_refused(name: str) -> None:
    found = refusals({"project_name": name})
    # The author's default has the name in it, so what the one must not contain, neither must the
    # other.
    assert not found or ("project_name" in found and set(found) <= {"project_name", "author_name"})


def test_every_reserved_name_has_another_default() -> None:
    defaults = {name: complete({"project_name": name}) for name in RESERVED}
    assert [name for name, each in defaults.items() if each["project_slug"] == name] == []


@pytest.mark.parametrize("answers", [{"project_slug": "numpy"}, {"package_name": "PIL"}], ids=str)
def test_an_existing_project_keeps_its_name(
    answers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(load_hook().problems.__globals__, "EXISTING", True)
    assert refusals(answers) == {}


def test_all_problems_are_reported_at_once() -> None:
    answers = {
        "project_name": "",
        "description": "a\nb",
        "project_slug": "../evil",
        "package_name": "class",
        "author_name": " x",
        "author_email": "x",
        "repository_url": "x",
    }
    assert list(refusals(answers)) == TEXTS


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose refused project would leave it, or replace the one beside it."""
    return tmp_path_factory.mktemp("names")


@pytest.fixture(scope="module")
def done(template: Path, place: Path, engine: str) -> Run:
    """The result of a command line with a name that leads elsewhere."""
    return ENGINES[engine](template, place, {"project_slug": "../evil", "description": "It's"})


def test_command_fails(done: Run) -> None:
    assert done.code == 1


def test_message_comes_first(done: Run) -> None:
    assert done.err.startswith("Refused, nothing was written:\n  project_slug ")


def test_hook_has_no_traceback(done: Run) -> None:
    # The engine prints its own traceback after a failed hook.
    assert 'File "/tmp/tmp' not in done.err


@pytest.mark.usefixtures("done")
def test_command_writes_nothing(place: Path) -> None:
    assert list(place.iterdir()) == []


@pytest.fixture(scope="module")
def again(done: Run, engine: str) -> dict[str, str]:
    """The answers in the command that a refusal ends with."""
    lines = done.err.splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("Run again"))
    words = shlex.split(lines[number + 1])
    if engine == "cruft":
        answers: dict[str, str] = json.loads(words[-1])
        return answers
    return dict(word.partition("=")[::2] for word in words if "=" in word)


def test_good_answers_are_filled_in(again: dict[str, str]) -> None:
    assert again["description"] == "It's"


def test_the_bad_answer_is_marked(again: dict[str, str]) -> None:
    assert again["project_slug"] == "CHANGE-THIS"


def test_success_names_the_next_command(
    template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = by_cookiecutter(template, tmp_path, {})
    assert done.out == (
        f"Created {tmp_path}/my-project\nNext: cd '{tmp_path}/my-project' && uvx nox\n"
    )


@pytest.mark.parametrize("name", ["__project", "__description"])
def test_private_variables_cannot_be_set(refusal: Refusal, name: str) -> None:
    assert f"{name} cannot be set" in refusal({name: "../evil-twin"})


def test_refusal_keeps_existing_files(template: Path, out: Path) -> None:
    (out / "class").mkdir()
    (out / "class" / "mine").write_text("mine", encoding="utf-8")
    by_cookiecutter(template, out, {"project_slug": "class"}, "--overwrite-if-exists")
    assert [path.name for path in (out / "class").iterdir()] == ["mine"]


def test_generation_keeps_existing_files(template: Path, out: Path) -> None:
    (out / "my-project").mkdir()
    (out / "my-project" / "mine").write_text("mine", encoding="utf-8")
    by_cookiecutter(template, out, {})
    assert [path.name for path in (out / "my-project").iterdir()] == ["mine"]


def test_personal_defaults_are_checked_too(template: Path, out: Path, tmp_path: Path) -> None:
    config = tmp_path / "personal.yaml"
    config.write_text("default_context: {project_slug: class}\n", encoding="utf-8")
    done = by_cookiecutter(template, out, {}, "--config-file", str(config))
    assert "project_slug is a keyword of Python: 'class'" in done.err


def test_personal_defaults_may_refer_to_answers(template: Path, out: Path, tmp_path: Path) -> None:
    config = tmp_path / "personal.yaml"
    url = f"https://git.example.com/me/{TAGS[0]} cookiecutter.project_slug }}}}"
    config.write_text(f"default_context: {{repository_url: '{url}'}}\n", encoding="utf-8")
    by_cookiecutter(template, out, {}, "--config-file", str(config))
    source = (out / "my-project" / "pyproject.toml").read_text(encoding="utf-8")
    assert '"https://git.example.com/me/my-project"' in source
