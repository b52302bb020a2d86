"""A render is a pure function of the answers: the same anywhere, any time, by either engine."""

from pathlib import Path

import pytest

from tests.conftest import Render
from tests.support.render import BIN, by_cookiecutter, by_cruft_api, contents, run
from tests.support.template import Answers

# Answers far from the defaults, as more would show.
ODD: Answers = {
    "project_name": 'Straße "C:\\new" 🚀',
    "project_slug": "strasse",
    "description": "It's {a} 'test' $HOME %s \\N{DASH} \u202f#1: ünï",
    "license": "BSD-3-Clause",
    "ci": "gitlab",
    "ml_pipeline": True,
}


# A machine that differs in all that a render could read.
ELSEWHERE: dict[str, str | None] = {
    "PYTHONHASHSEED": "1",
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "C",
    "PYTHONCOERCECLOCALE": "0",
    "USER": "somebody",
    "LOGNAME": "somebody",
    "HOSTNAME": "elsewhere",
    "SOURCE_DATE_EPOCH": "0",
}


@pytest.mark.parametrize("answers", [{}, ODD], ids=["defaults", "odd answers"])
def test_cruft_writes_what_cookiecutter_writes(
    template: Path, render: Render, tmp_path: Path, answers: Answers
) -> None:
    theirs = dict(contents(by_cruft_api(template, tmp_path, answers)))
    del theirs[".cruft.json"]
    assert theirs == contents(render(answers))


def test_the_machine_does_not_matter(template: Path, render: Render, tmp_path: Path) -> None:
    given = [f"{name}={value}" for name, value in ODD.items()]
    command = (BIN / "cookiecutter", template, "--no-input", "-o", tmp_path, *given)
    run(*command, env=ELSEWHERE)
    assert contents(tmp_path / "strasse") == contents(render(ODD))


def test_the_clock_does_not_matter(template: Path, render: Render, tmp_path: Path) -> None:
    # No program of ours can set the machine's clock: change the one that Python tells.
    (tmp_path / "sitecustomize.py").write_text(
        "import time, datetime\n"
        "time.time = lambda: 4102444800.0\n"
        "new_year = time.struct_time((2100, 1, 1, 0, 0, 0, 4, 1, 0))\n"
        "time.localtime = time.gmtime = lambda *_: new_year\n",
        encoding="utf-8",
    )
    run(
        *(BIN / "cookiecutter", template, "--no-input", "-o", tmp_path / "out"),
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert contents(tmp_path / "out" / "my-project") == contents(render({}))


def test_an_empty_home_will_do(template: Path, render: Render, tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path / "home"), "COOKIECUTTER_CONFIG": None, "GIT_CONFIG_GLOBAL": None}
    (tmp_path / "home").mkdir()
    run(BIN / "cruft", "create", template, "--no-input", "--output-dir", tmp_path, env=env)
    theirs = dict(contents(tmp_path / "my-project"))
    del theirs[".cruft.json"]
    assert theirs == contents(render({}))


def test_the_place_does_not_matter(template: Path, render: Render, tmp_path: Path) -> None:
    place = tmp_path / "a b" / "ünï"
    by_cookiecutter(template, place, {})
    assert contents(place / "my-project") == contents(render({}))


def test_a_relative_template_will_do(template: Path, render: Render, tmp_path: Path) -> None:
    run(BIN / "cookiecutter", ".", "--no-input", "--output-dir", tmp_path, cwd=template)
    assert contents(tmp_path / "my-project") == contents(render({}))


def test_the_network_is_not_needed(template: Path, render: Render, tmp_path: Path) -> None:
    if run("unshare", "--user", "--map-root-user", "--net", "true").code:
        pytest.skip("no network namespaces here: allow unprivileged user namespaces")
    run(
        *("unshare", "--user", "--map-root-user", "--net"),
        *(BIN / "cookiecutter", template, "--no-input", "--output-dir", tmp_path),
    )
    assert contents(tmp_path / "my-project") == contents(render({}))
