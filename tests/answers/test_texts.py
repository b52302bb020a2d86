"""Every text in every answer is written unchanged into valid files, or refused."""

import tomllib
from pathlib import Path

import json5
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.answers.conftest import Refusal
from tests.answers.corpus import ENGINE, KEPT, PLAIN, REFUSED
from tests.conftest import Render
from tests.support.engine import refusals, render_file
from tests.support.formats import file_type, syntax_error, syntax_errors
from tests.support.render import BIN, by_cruft_api, contents, run
from tests.support.template import QUESTIONS, TEXTS, Answers

PROSE = ["project_name", "description", "author_name"]
# Files that contain the texts.
FILES = (
    *(".devcontainer/devcontainer.json", "LICENSE", "README.md", "docs/index.md"),
    *("mkdocs.yml", "pyproject.toml"),
)
ADDRESSES = {
    "author_email": (
        *("a@example.com", "a.b+c@mail.example.org", "o'brien@example.ie"),
        "1234+name@users.noreply.example.com",
    ),
    "repository_url": (
        *("https://example.com", "https://example.com/", "https://git.example.com:8443/a/b_c.d-e"),
        "https://example.com/~user/repo",
    ),
}
NO_ADDRESSES = {
    "author_email": (
        *("nobody", "@example.com", "a@", "a@b", "a b@example.com", "a@example..com"),
        *('"a"@example.com', "a@example.com.", "a@-example.com", "a..b@example.com"),
        *("Jane <a@example.com>", *KEPT.values()),
    ),
    "repository_url": (
        *("example.com", "http://example.com", "javascript:alert(1)", "https://", "https://a b"),
        *("https://user:secret@example.com/x", "https://example.com/?a=b", "ssh://example.com"),
        *('https://example.com/"', "https://example.com//x", "git@example.com:a/b.git"),
        *KEPT.values(),
    ),
}


def everywhere(text: str) -> Answers:
    """Return answers with the same text for all prose, and a fixed name of the project."""
    return {"project_slug": "sample", **dict.fromkeys(PROSE, text)}


def rendered(text: str) -> dict[str, str]:
    """Return the files that contain the texts."""
    return {name: render_file(name, everywhere(text)) for name in FILES}


def read(files: dict[str, str]) -> dict[str, str]:
    """Parse the files of a project and return the answers in them."""
    metadata = tomllib.loads(files["pyproject.toml"])["project"]
    site = yaml.safe_load(files["mkdocs.yml"])
    return {
        "description": metadata["description"],
        "author": metadata["authors"][0]["name"],
        "site name": site["site_name"],
        "site description": site["site_description"],
        "container": json5.loads(files[".devcontainer/devcontainer.json"])["name"],
        "title": files["README.md"].split("\n")[0][2:],
        "license": next(
            line.removeprefix("Copyright (c) ")
            for line in files["LICENSE"].split("\n")
            if line.startswith("Copyright (c) ")
        ),
    }


def read_project(project: Path) -> dict[str, str]:
    """Return the answers in the files of a whole project."""
    return read({name: (project / name).read_text(encoding="utf-8") for name in FILES})


def errors(files: dict[str, str]) -> list[str]:
    """Return the syntax errors in some files."""
    types = {name: file_type(name, text.encode()) for name, text in files.items()}
    found = {name: syntax_error(one, files[name]) for name, one in types.items() if one}
    return [f"{name}: {error}" for name, error in found.items() if error]


@pytest.fixture(scope="module")
def files() -> dict[str, dict[str, str]]:
    """The files of each text of the corpus: text -> name -> content."""
    return {text: rendered(text) for text in (KEPT | PLAIN).values()}


def test_texts_are_unchanged(files: dict[str, dict[str, str]]) -> None:
    assert [text for text, each in files.items() if set(read(each).values()) != {text}] == []


def test_texts_leave_files_valid(files: dict[str, dict[str, str]]) -> None:
    assert [error for each in files.values() for error in errors(each)] == []


def test_texts_are_accepted() -> None:
    found = [refusals(everywhere(text)) for text in (KEPT | PLAIN).values()]
    assert [each for each in found if each] == []


@given(text=st.text(min_size=1, max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_is_refused_or_unchanged(text: str) -> None:
    assert refusals(everywhere(text)) or set(read(rendered(text)).values()) == {text}


def test_text_is_in_no_other_file(render: Render) -> None:
    # In other files, such as a Dockerfile or a workflow, a text could be expanded.
    written = contents(render(everywhere("Qwertz")))
    assert {name for name, content in written.items() if b"Qwertz" in content} == set(FILES)


HOSTILE = "".join(KEPT[key] for key in ("backslash-quote", "emoji-joined", "dollar", "colon-last"))


def test_text_survives_the_engine(render: Render) -> None:
    assert set(read_project(render(everywhere(HOSTILE))).values()) == {HOSTILE}


def test_text_leaves_a_project_valid(render: Render) -> None:
    assert syntax_errors(render(everywhere(HOSTILE))) == []


def test_text_survives_cruft(template: Path, out: Path) -> None:
    project = by_cruft_api(template, out, everywhere(HOSTILE))
    assert set(read_project(project).values()) == {HOSTILE}


def test_longest_description_is_kept() -> None:
    text = "word " * 59 + "words"
    source = render_file("pyproject.toml", {"description": text})
    assert tomllib.loads(source)["project"]["description"] == text


@pytest.mark.parametrize(
    ("text", "reason"), [pytest.param(*value, id=key) for key, value in REFUSED.items()]
)
def test_text_is_refused_for_every_answer(text: str, reason: str) -> None:
    found = refusals(dict.fromkeys(TEXTS, text))
    assert {name for name, line in found.items() if reason in line} == set(TEXTS)


@pytest.mark.parametrize("name", ADDRESSES)
def test_valid_addresses_are_kept(name: str) -> None:
    sources = {value: render_file("pyproject.toml", {name: value}) for value in ADDRESSES[name]}
    kept = {value for value, source in sources.items() if f'"{value}"' in source}
    assert kept == set(ADDRESSES[name])


@pytest.mark.parametrize("name", ADDRESSES)
def test_valid_addresses_are_accepted(name: str) -> None:
    assert [value for value in ADDRESSES[name] if refusals({name: value})] == []


@pytest.mark.parametrize("name", NO_ADDRESSES)
def test_invalid_addresses_are_refused(name: str) -> None:
    found = {value: refusals({name: value}).get(name, "") for value in NO_ADDRESSES[name]}
    assert [value for value, line in found.items() if f"{name} is not an " not in line] == []


@pytest.mark.parametrize("value", [None, True], ids=str)
def test_other_type_is_refused(refusal: Refusal, value: object) -> None:
    assert f"description is not text: {value}" in refusal({"description": value})


@pytest.mark.parametrize("text", [pytest.param(text, id=key) for key, text in ENGINE.items()])
def test_tag_is_refused(refusal: Refusal, text: str) -> None:
    message = refusal({"project_slug": "sample", "description": text})
    # Empty if the engine itself failed before any hook.
    assert message == "" or "\n  description contains a template tag: " in message


@pytest.mark.parametrize(
    "command",
    [("cookiecutter",), ("cruft", "create")],
    ids=" ".join,
)
def test_typed_text_is_never_evaluated(template: Path, out: Path, command: tuple[str, ...]) -> None:
    typed = "\n" + "{{ 7*7 }}" + "\n" * len(QUESTIONS)
    done = run(BIN / command[0], *command[1:], template, "--output-dir", out, typed=typed)
    written = [(path / "README.md").read_text(encoding="utf-8") for path in out.iterdir()]
    is_kept = any("\n\n{{ 7*7 }}\n" in text for text in written)
    assert is_kept != ("\n  description contains a template tag: '{{ 7*7 }}'" in done.err)
