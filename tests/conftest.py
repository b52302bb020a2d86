"""What the tests of the template share: a clean machine, a committed template, projects of it."""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.render import by_api
from tests.support.template import Answers, snapshot

Render = Callable[[Answers], Path]


@pytest.fixture(scope="session", autouse=True)
def clean_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's own settings, and the template's traces, out of each other."""
    home = tmp_path_factory.mktemp("settings")
    (home / "gitconfig").write_text(
        "[user]\nname = Test\nemail = test@example.com\n[init]\ndefaultBranch = main\n",
        encoding="utf-8",
    )
    (home / "cookiecutter.yaml").write_text(
        f"cookiecutters_dir: {home}/templates\nreplay_dir: {home}/replay\n", encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOKIECUTTER_CONFIG", str(home / "cookiecutter.yaml"))
        patch.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
        patch.delenv("VIRTUAL_ENV", raising=False)
        patch.setenv("UV_PYTHON_DOWNLOADS", "never")  # the Pythons of this machine must do
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, clean_machine: None) -> Path:
    """The working tree, committed."""
    return snapshot(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def render(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Give a project of some answers, made once. Read it only."""
    # Under xdist the parent is the directory that the workers share.
    shared = tmp_path_factory.getbasetemp()
    shared = (shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared) / "projects"
    shared.mkdir(exist_ok=True)

    def project(answers: Answers) -> Path:
        key = json.dumps(dict(answers), sort_keys=True)
        place = shared / hashlib.sha256(key.encode()).hexdigest()[:16]
        if not place.exists():
            own = tmp_path_factory.mktemp("own")
            by_api(template, own, answers)
            # Another worker may have been quicker: its project is the same.
            with contextlib.suppress(OSError):
                own.rename(place)
        (only,) = place.iterdir()
        return only

    return project
