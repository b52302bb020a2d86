"""What adoption reads from a project, and what the command says when it cannot start."""

import subprocess
import sys
from pathlib import Path

import pytest

from hangar_devkit.adopt import cli
from hangar_devkit.adopt.adoption import find_template
from hangar_devkit.adopt.metadata import (
    find_indexes,
    find_written,
    guess_answers,
    python_request,
    read_metadata,
)
from hangar_devkit.adopt.requirements import find_missing, find_requirements, find_test_paths
from hangar_devkit.adopt.suite import Outcomes, find_differences, find_failures
from hangar_devkit.update.errors import UpdateError

QUESTIONS = {
    **dict.fromkeys(("project_name", "description", "author_name", "author_email"), ""),
    **dict.fromkeys(("project_slug", "package_name", "repository_url"), ""),
    "license": ["MIT", "Apache-2.0"],
    "ci": ["github", "gitlab", "none"],
}
# Each way to state a name and what the tests need: files, and the expected requirements.
LAYOUTS = {
    "groups": (
        {
            "pyproject.toml": '[project]\nname = "lab"\n'
            '[dependency-groups]\ntest = ["pytest<9"]\ndev = ["ruff"]\n'
        },
        ["--editable=.", "--group=test", "pytest"],
    ),
    "own dev group": (
        {"pyproject.toml": '[project]\nname = "lab"\n[dependency-groups]\ndev = ["mock"]\n'},
        ["--editable=.", "--group=dev", "pytest"],
    ),
    "extra": (
        {
            "pyproject.toml": '[project]\nname = "lab"\n'
            '[project.optional-dependencies]\ntests = ["mock"]\n'
        },
        ["--editable=.[tests]", "pytest"],
    ),
    "Poetry": (
        {
            "pyproject.toml": '[build-system]\nrequires = []\n[tool.poetry]\nname = "lab"\n'
            "[tool.poetry.group.test.dependencies]\n"
            'pytest-mock = "^3.1"\npytest = {version = "~8.0", extras = ["x"]}\n'
        },
        ["--editable=.", "pytest-mock>=3.1", "pytest[x]>=8.0"],
    ),
    "PDM": (
        {
            "pyproject.toml": '[project]\nname = "lab"\n'
            '[tool.pdm.dev-dependencies]\ntest = ["pytest>=7", "mock"]\n'
        },
        ["--editable=.", "pytest>=7", "mock"],
    ),
    "Hatch": (
        {
            "pyproject.toml": '[project]\nname = "lab"\n'
            '[tool.hatch.envs.hatch-test]\nextra-dependencies = ["mock"]\n'
        },
        ["--editable=.", "mock", "pytest"],
    ),
    "setup.cfg": (
        {
            "setup.cfg": "[metadata]\nname = lab\n[options.extras_require]\ntesting =\n    mock\n",
            "setup.py": "setup()\n",
        },
        ["--editable=.[testing]", "pytest"],
    ),
    "setup.cfg alone": (
        {
            "setup.cfg": "[metadata]\nname = lab\n[options]\ninstall_requires =\n    six\n"
            "[options.extras_require]\ntesting =\n    mock\n",
        },
        ["six", "mock", "pytest"],
    ),
    "setup.py": (
        {
            "setup.py": "from setuptools import setup\nNAME = 'lab'\nTESTS = ['mock']\n"
            "setup(name=NAME, extras_require={'test': TESTS}, tests_require=TESTS + ['six'])\n"
        },
        ["--editable=.[test]", "mock", "six", "pytest"],
    ),
    "requirements": (
        {
            "setup.cfg": "[metadata]\nname = lab\n",
            "setup.py": "setup()\n",
            "requirements/test.txt": "pytest\n",
        },
        ["--editable=.", "--requirement=requirements/test.txt", "pytest"],
    ),
    "tox": (
        {
            "setup.cfg": "[metadata]\nname = lab\n[options.extras_require]\nall = x\n",
            "setup.py": "setup()\n",
            "tox.ini": "[testenv]\nextras = all\ndeps =\n    mock\n    py27: old\n    {env:X}\n",
        },
        ["--editable=.[all]", "mock", "pytest"],
    ),
    "tox with an extra of its own": (
        {
            "setup.py": "setup(name='lab', extras_require={'x': []})\n",
            "tox.ini": "[testenv]\ndeps =\n    -e .[x]\n",
        },
        ["--editable=.[x]", "pytest"],
    ),
    "extra of a longer name": (
        {"pyproject.toml": '[project]\nname = "lab"\noptional-dependencies.all-tests = []\n'},
        ["--editable=.[all-tests]", "pytest"],
    ),
    "application": (
        {
            "pyproject.toml": '[project]\nname = "lab"\n[tool.uv]\npackage = false\n',
            "requirements.txt": "six\n",
        },
        ["--requirement=pyproject.toml", "--requirement=requirements.txt", "pytest"],
    ),
    "nothing to install": ({"lab.py": "", "tests/test_lab.py": ""}, ["pytest"]),
}


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(("files", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_requirements_of_tests_are_found(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    root = write(tmp_path / "lab", files)
    assert find_requirements(root, read_metadata(root)).arguments == expected


@pytest.mark.parametrize("files", [files for files, _ in LAYOUTS.values()], ids=LAYOUTS)
def test_the_name_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    assert read_metadata(write(tmp_path / "lab", files)).name == "lab"


def test_an_answer_that_is_no_choice_is_not_guessed(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[project]\nname = "Lab"\nlicense = "GPL-3.0-only"\n'}
    root = write(tmp_path, files)
    assert "license" not in guess_answers(read_metadata(root), QUESTIONS, "github")


def test_text_that_the_template_refuses_is_not_guessed(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "lab"\ndescription = "a {{ b }}"\n'
        'authors = [{name = "A\\nB", email = "nobody"}]\nurls = {Home = "http://x"}\n'
    }
    root = write(tmp_path, files)
    assert guess_answers(read_metadata(root), QUESTIONS, "github") == {
        "project_name": "lab",
        "project_slug": "lab",
        "package_name": "lab",
        "author_name": "A B",
        "ci": "github",
    }


@pytest.mark.parametrize("text", ["project = 3\n", 'tool = []\n[project]\nname = "x"\nurls = 1\n'])
def test_tables_of_another_type_are_passed_over(tmp_path: Path, text: str) -> None:
    root = write(tmp_path, {"pyproject.toml": text, "setup.py": "not python (", "tox.ini": "["})
    assert "pytest" in find_requirements(root, read_metadata(root)).arguments


def test_a_manifest_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UpdateError, match="cannot be read"):
        read_metadata(write(tmp_path, {"pyproject.toml": "[project\n"}))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("E   ModuleNotFoundError: No module named 'freezegun'", ["freezegun"]),
        ("E   ModuleNotFoundError: No module named 'lab_extra.sub'", ["lab_extra==2"]),
        ("E       fixture 'mocker' not found", ["pytest-mock"]),
        ("pytest: error: unrecognized arguments: --cov=lab", ["pytest-cov"]),
        ("pytest: error: unrecognized arguments: -n auto", ["pytest-xdist"]),
        ("Missing required plugins: pytest-env, pytest-mock>=3", ["pytest-env", "pytest-mock>=3"]),
        ("ModuleNotFoundError: No module named 'unknown_name'", []),
    ],
)
def test_what_a_run_lacks_is_named_by_declarations_and_known_names_alone(
    tmp_path: Path, output: str, expected: list[str]
) -> None:
    text = '[project]\nname = "lab"\n[dependency-groups]\nlint = ["lab_extra==2"]\n'
    root = write(tmp_path, {"pyproject.toml": text})
    assert find_missing(output, find_requirements(root, read_metadata(root))) == expected


def test_configured_paths_of_tests_are_left_to_pytest(tmp_path: Path) -> None:
    files = {"setup.cfg": "[tool:pytest]\ntestpaths = lab\n", "tests/test_lab.py": ""}
    root = write(tmp_path, files)
    assert find_test_paths(root, read_metadata(root)) == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("tests/test_lab.py", "tests/lab.py"), ["tests"]),
        (("tests/test.py", "tests/helper.py"), ["tests/test.py"]),
        (("tests.py",), ["tests.py"]),
        (("lab/__init__.py", "lab/tests.py"), ["lab/tests.py"]),
        (("src/a/lab/__init__.py", "src/a/lab/tests.py"), ["src/a/lab/tests.py"]),
        (("lab.py",), []),
    ],
    ids=lambda value: " ".join(value) or "none",
)
def test_tests_of_other_names_are_found(
    tmp_path: Path, names: tuple[str, ...], expected: list[str]
) -> None:
    code = "def test_lab():\n    pass\n"
    files = {name: "" if name.endswith(("helper.py", "__init__.py")) else code for name in names}
    root = write(tmp_path, files)
    assert find_test_paths(root, read_metadata(root)) == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("", ">=3.11"),
        (">=3.8", ">=3.11,>=3.8"),
        (">= 3.9, != 3.12.*, < 4", ">=3.11,>=3.9,!=3.12.*,<4"),
        ("^3.8", ">=3.11,>=3.8,<4"),
        ("~3.11", ">=3.11,==3.11.*"),
        ("~=3.8", ">=3.11,>=3.8,<4"),
        ("==3.12.4", ">=3.11,==3.12.*"),
        ("3.8 || 3.9", ">=3.11"),
    ],
)
def test_python_is_one_that_the_project_and_the_tools_support(stated: str, expected: str) -> None:
    assert python_request(stated) == expected


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": '[tool.setuptools_scm]\nversion_file = "lab/_version.py"\n'},
        {"pyproject.toml": '[tool.hatch.build.hooks.vcs]\nversion-file = "lab/_version.py"\n'},
        {"setup.py": "setup(use_scm_version={'write_to': 'lab/_version.py'})\n"},
    ],
    ids=["setuptools-scm", "Hatch", "setup.py"],
)
def test_files_that_the_build_writes_are_known(tmp_path: Path, files: dict[str, str]) -> None:
    assert "lab/_version.py" in find_written(read_metadata(write(tmp_path, files)))


def test_indexes_of_the_project_serve_the_tools(tmp_path: Path) -> None:
    text = (
        '[[tool.uv.index]]\nname = "own"\nurl = "https://example.com/simple"\n'
        '[[tool.uv.index]]\nurl = "https://example.com/default"\ndefault = true\n'
        '[[tool.uv.index]]\nurl = "wheels"\n'
    )
    assert find_indexes(read_metadata(write(tmp_path, {"pyproject.toml": text}))) == [
        "--index=own=https://example.com/simple",
        "--default-index=https://example.com/default",
    ]


def test_a_dependency_of_poetry_keeps_its_conditions(tmp_path: Path) -> None:
    text = (
        '[build-system]\n[tool.poetry]\nname = "lab"\n[tool.poetry.group.test.dependencies]\n'
        'a = {version = "^1", python = "<3.8"}\nb = {version = "*", platform = "win32"}\n'
    )
    root = write(tmp_path, {"pyproject.toml": text})
    assert find_requirements(root, read_metadata(root)).arguments[1:3] == [
        "a>=1 ; python_version < '3.8'",
        "b ; sys_platform == 'win32'",
    ]


def passed(*tests: str) -> Outcomes:
    return Outcomes(dict.fromkeys(tests, "passed"), 0, "")


def test_a_test_that_ends_differently_is_found() -> None:
    after = Outcomes({"a": "passed", "b": "failed"}, 1, "")
    assert find_differences(passed("a", "b"), after) == ["b"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("FAILED tests/test_a.py::test_b - assert 1 == 2", "tests/test_a.py::test_b"),
        ("ERROR tests/test_a.py - ImportError: a - b", "tests/test_a.py"),
        ("FAILED t.py::test[a - b] - assert x[0] - 1", "t.py::test[a - b]"),
    ],
)
def test_a_dash_in_the_name_of_a_test_is_a_part_of_it(line: str, name: str) -> None:
    assert find_failures(line) == [name]


def test_names_of_parameters_may_differ_between_runs() -> None:
    assert find_differences(passed("a[1]"), passed("a[2]")) == []


def test_a_test_that_no_longer_runs_is_found() -> None:
    assert find_differences(passed("a[1]", "a[2]"), passed("a[1]")) == ["a"]


def test_a_path_that_is_no_directory_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([str(tmp_path / "nothing")]) == cli.REFUSED


def test_widen_needs_the_hooks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([str(tmp_path), "--widen"])
    assert "does not have the layer hooks" in capsys.readouterr().err


def test_a_directory_without_a_template_names_none(tmp_path: Path) -> None:
    with pytest.raises(UpdateError, match="--template URL"):
        find_template(tmp_path)


def test_a_directory_without_a_repository_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hangar_devkit", "adopt", str(tmp_path), "--template=x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "is not a git repository" in done.stderr
