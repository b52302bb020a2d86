"""Invalid names are refused, and nothing is written."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.answers.conftest import Refusal
from tests.answers.corpus import NAMES, VALID_NAMES
from tests.conftest import Render
from tests.support.render import Run, by_cookiecutter, by_cruft
from tests.support.template import TAGS, TEXTS, Answers

invalid_names = pytest.mark.parametrize(
    ("name", "reason"), [pytest.param(*item, id=ascii(item[0])[:20]) for item in NAMES.items()]
)
# The command lines start slowly: one name that is refused for its value, one for its form, none.
FEW = ["class", "../evil", ""]
COMMANDS = {"cookiecutter": by_cookiecutter, "cruft": by_cruft}


@invalid_names
def test_invalid_slug_is_refused(refusal: Refusal, name: str, reason: str) -> None:
    message = refusal({"project_slug": name})
    line = next(line for line in message.splitlines() if line.startswith("  project_slug "))
    assert reason in line


@invalid_names
def test_invalid_package_is_refused(refusal: Refusal, name: str, reason: str) -> None:
    message = refusal({"package_name": name})
    line = next(line for line in message.splitlines() if line.startswith("  package_name "))
    assert reason in line


@pytest.mark.parametrize(
    "answers", [{"project_slug": "hangar-devkit"}, {"package_name": "hangar_devkit"}], ids=str
)
def test_name_of_the_tooling_is_refused(refusal: Refusal, answers: Answers) -> None:
    assert "part of the project" in refusal(answers)


@pytest.mark.parametrize("name", VALID_NAMES)
def test_valid_name_is_kept(render: Render, name: str) -> None:
    assert (render({"project_slug": name}) / "src" / name / "__init__.py").exists()


def test_words_are_joined_for_python(render: Render) -> None:
    project = render({"project_name": "Data Łake 2"})
    assert [path.name for path in (project / "src").iterdir()] == ["data_lake_2"]


def test_all_problems_are_reported_at_once(refusal: Refusal) -> None:
    answers = {
        "project_name": "",
        "description": "a\nb",
        "project_slug": "../evil",
        "package_name": "class",
        "author_name": " x",
        "author_email": "x",
        "repository_url": "x",
    }
    lines = refusal(answers).splitlines()
    assert [line.split()[0] for line in lines] == ["Refused,", *TEXTS]


@dataclass(frozen=True)
class Refused:
    """The result of a command line with an invalid name, and what is in its output directory."""

    run: Run
    written: list[Path]


@pytest.fixture(
    scope="module",
    params=list(itertools.product(COMMANDS, FEW)),
    ids=lambda given: f"{given[0]}-{given[1]}",
)
def refused(
    template: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Refused:
    """A command line with an invalid name."""
    command, slug = request.param
    out = tmp_path_factory.mktemp("refused")
    done = COMMANDS[command](template, out, {"project_slug": slug})
    return Refused(done, list(out.iterdir()))


def test_command_fails(refused: Refused) -> None:
    assert refused.run.code == 1


def test_message_comes_first(refused: Refused) -> None:
    assert refused.run.err.startswith("Refused, nothing was written:\n  project_slug ")


def test_hook_has_no_traceback(refused: Refused) -> None:
    # The engine prints its own traceback after a failed hook.
    assert 'File "/tmp/tmp' not in refused.run.err


def test_command_writes_nothing(refused: Refused) -> None:
    assert refused.written == []


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
