"""Every text in every answer is written unchanged into valid files, or refused."""

import shutil
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import json5
import pytest
import yaml

from tests.answers.conftest import Refusal
from tests.answers.corpus import ENGINE, KEPT, PLAIN, REFUSED
from tests.conftest import Render
from tests.support.formats import syntax_errors
from tests.support.render import BIN, by_api, by_cruft_api, contents, run
from tests.support.template import QUESTIONS, SOURCE, TEXTS, Answers

Written = Callable[[str], Path]
PROSE = ["project_name", "description", "author_name"]
FORMED = [name for name in TEXTS if name not in PROSE]
# Files that contain the texts.
FILES = {
    ".devcontainer/devcontainer.json",
    *("LICENSE", "README.md", "docs/index.md", "mkdocs.yml", "pyproject.toml"),
}
kept = pytest.mark.parametrize(
    "text", [pytest.param(text, id=key) for key, text in (KEPT | PLAIN).items()]
)
refused = pytest.mark.parametrize(
    ("text", "reason"), [pytest.param(*value, id=key) for key, value in REFUSED.items()]
)


@pytest.fixture(scope="module")
def written(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A function that gives the files that contain a text, as `test_text_is_in_no_other_file` says.

    The template has nothing but these files, so that many texts can be tried.
    """
    small = tmp_path_factory.mktemp("small")
    for name in ("cookiecutter.json", "hooks/pre_gen_project.py", "templates"):
        source = template / name
        (small / name).parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, small / name)
    for name in FILES:
        target = small / SOURCE.name / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(template / SOURCE.name / name, target)

    @cache
    def project(text: str) -> Path:
        return by_api(small, tmp_path_factory.mktemp("text"), everywhere(text))

    return project


def everywhere(text: str) -> Answers:
    """Return answers with the same text for all prose, and a fixed name of the project."""
    return {"project_slug": "sample", **dict.fromkeys(PROSE, text)}


def read(project: Path) -> dict[str, str]:
    """Parse the files of a project and return the answers in them."""
    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    site = yaml.safe_load((project / "mkdocs.yml").read_text(encoding="utf-8"))
    container = json5.loads(
        (project / ".devcontainer/devcontainer.json").read_text(encoding="utf-8")
    )
    return {
        "description": metadata["description"],
        "author": metadata["authors"][0]["name"],
        "site name": site["site_name"],
        "site description": site["site_description"],
        "container": container["name"],
        "title": (project / "README.md").read_text(encoding="utf-8").split("\n")[0][2:],
    }


@kept
def test_text_is_unchanged(written: Written, text: str) -> None:
    answers = read(written(text))
    assert answers == dict.fromkeys(answers, text)


@kept
def test_text_leaves_files_valid(written: Written, text: str) -> None:
    assert syntax_errors(written(text)) == []


@kept
def test_text_is_in_the_license(written: Written, text: str) -> None:
    license_text = (written(text) / "LICENSE").read_text(encoding="utf-8")
    assert f"Copyright (c) {text}\n" in license_text


@kept
def test_text_is_in_the_readme(written: Written, text: str) -> None:
    readme = (written(text) / "README.md").read_text(encoding="utf-8")
    assert f"\n\n{text}\n\n" in readme


def test_text_is_in_no_other_file(render: Render) -> None:
    # In other files, such as a Dockerfile or a workflow, a text could be expanded.
    names = {
        name
        for name, content in contents(render(everywhere("Qwertz"))).items()
        if b"Qwertz" in content
    }
    assert names == FILES


def test_longest_description_is_kept(render: Render) -> None:
    text = "word " * 59 + "words"
    assert read(render({"description": text}))["description"] == text


@refused
def test_text_is_refused_for_every_answer(refusal: Refusal, text: str, reason: str) -> None:
    lines = refusal(dict.fromkeys(TEXTS, text)).splitlines()
    names = {line.split()[0] for line in lines if line.startswith("  ") and reason in line}
    assert names == set(TEXTS)


@kept
def test_text_is_not_an_address(refusal: Refusal, text: str) -> None:
    lines = refusal({"author_email": text, "repository_url": text}).splitlines()
    assert [line.split(" is not an ")[0] for line in lines[1:3]] == [
        "  author_email",
        "  repository_url",
    ]


@pytest.mark.parametrize(
    "address",
    [
        *("a@example.com", "a.b+c@mail.example.org", "o'brien@example.ie"),
        "1234+name@users.noreply.example.com",
    ],
)
def test_valid_address_is_kept(render: Render, address: str) -> None:
    source = (render({"author_email": address}) / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(source)["project"]["authors"][0]["email"] == address


@pytest.mark.parametrize(
    "address",
    [
        *("nobody", "@example.com", "a@", "a@b", "a b@example.com", "a@example..com"),
        *('"a"@example.com', "a@example.com.", "a@-example.com", "a..b@example.com"),
        "Jane <a@example.com>",
    ],
)
def test_invalid_address_is_refused(refusal: Refusal, address: str) -> None:
    assert "author_email is not an e-mail address" in refusal({"author_email": address})


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.com", "https://example.com/", "https://git.example.com:8443/a/b_c.d-e"),
        "https://example.com/~user/repo",
    ],
)
def test_valid_url_is_kept(render: Render, url: str) -> None:
    source = (render({"repository_url": url}) / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(source)["project"]["urls"]["Repository"] == url


@pytest.mark.parametrize(
    "url",
    [
        *("example.com", "http://example.com", "javascript:alert(1)", "https://", "https://a b"),
        *("https://user:secret@example.com/x", "https://example.com/?a=b", "ssh://example.com"),
        *('https://example.com/"', "https://example.com//x", "git@example.com:a/b.git"),
    ],
)
def test_invalid_url_is_refused(refusal: Refusal, url: str) -> None:
    assert "repository_url is not an https address" in refusal({"repository_url": url})


@pytest.mark.parametrize("text", [KEPT["backslash-quote"], KEPT["emoji-joined"], KEPT["dollar"]])
def test_text_survives_cruft(template: Path, out: Path, text: str) -> None:
    answers = read(by_cruft_api(template, out, everywhere(text)))
    assert answers == dict.fromkeys(answers, text)


@pytest.mark.parametrize("value", [None, True], ids=str)
def test_other_type_is_refused(refusal: Refusal, value: object) -> None:
    assert f"description is not text: {value}" in refusal({"description": value})


@pytest.mark.parametrize("text", [pytest.param(text, id=key) for key, text in ENGINE.items()])
@pytest.mark.parametrize("name", PROSE)
def test_tag_is_refused(refusal: Refusal, name: str, text: str) -> None:
    message = refusal({"project_slug": "sample", name: text})
    # Empty if the engine itself failed before any hook.
    assert message == "" or f"\n  {name} contains a template tag: " in message


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
