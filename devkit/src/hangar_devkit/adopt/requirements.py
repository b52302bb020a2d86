"""Find what the tests of a project need, where projects declare it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from hangar_devkit.adopt.metadata import Metadata, read_ini, strings, table

_TEST = ("test", "tests", "testing", "unittest", "unittests", "pytest")
_DEVELOPMENT = ("dev", "develop", "development")
_FILES = (
    *("requirements-test.txt", "requirements-tests.txt", "test-requirements.txt"),
    *("test_requirements.txt", "requirements_test.txt", "tests-requirements.txt"),
    *("requirements/test.txt", "requirements/tests.txt", "requirements/testing.txt"),
    *("tests/requirements.txt", "test/requirements.txt", "requirements/test.in"),
    *("requirements/tests.in", "requirements-testing.txt"),
)
_DEVELOPMENT_FILES = (
    *("requirements-dev.txt", "dev-requirements.txt", "requirements_dev.txt"),
    *("requirements/dev.txt", "dev_requirements.txt", "requirements/development.txt"),
)
_RUNTIME_FILES = ("requirements.txt", "requirements/base.txt", "requirements/main.txt")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TEST_FILES = ("test_*.py", "*_test.py")  # what pytest looks for
_TEST_CODE = re.compile(r"^ *(?:async )?def test|^class \w+\(.*TestCase\b", re.MULTILINE)
_REQUIRED = re.compile(r"Missing required plugins: (.+)")
# What the output of pytest shows to be missing, and the distribution that has it. Only these are
# ever installed without a declaration of the project: a guessed name could be anybody's.
_MODULES = {
    "aiohttp": "aiohttp",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "click": "click",
    "coverage": "coverage",
    "dateutil": "python-dateutil",
    "ddt": "ddt",
    "docutils": "docutils",
    "flask": "flask",
    "freezegun": "freezegun",
    "hamcrest": "pyhamcrest",
    "httpx": "httpx",
    "hypothesis": "hypothesis",
    "jinja2": "jinja2",
    "lxml": "lxml",
    "mock": "mock",
    "numpy": "numpy",
    "packaging": "packaging",
    "pandas": "pandas",
    "parameterized": "parameterized",
    "pexpect": "pexpect",
    "pkg_resources": "setuptools<81",
    "pretend": "pretend",
    "psutil": "psutil",
    "pygments": "pygments",
    "pytz": "pytz",
    "requests": "requests",
    "responses": "responses",
    "setuptools": "setuptools",
    "simplejson": "simplejson",
    "six": "six",
    "sortedcontainers": "sortedcontainers",
    "sphinx": "sphinx",
    "testfixtures": "testfixtures",
    "time_machine": "time-machine",
    "tomli": "tomli",
    "trustme": "trustme",
    "yaml": "pyyaml",
}
_PLUGINS = {
    "aiohttp_client": "pytest-aiohttp",
    "asyncio": "pytest-asyncio",
    "benchmark": "pytest-benchmark",
    "cov": "pytest-cov",
    "data_regression": "pytest-regressions",
    "datadir": "pytest-datadir",
    "django": "pytest-django",
    "file_regression": "pytest-regressions",
    "freezer": "pytest-freezer",
    "fs": "pyfakefs",
    "httpbin": "pytest-httpbin",
    "httpserver": "pytest-httpserver",
    "httpx_mock": "pytest-httpx",
    "mocker": "pytest-mock",
    "requests_mock": "requests-mock",
    "respx_mock": "respx",
    "shared_datadir": "pytest-datadir",
    "snapshot": "syrupy",
    "subtests": "pytest-subtests",
    "timeout": "pytest-timeout",
    "xdist": "pytest-xdist",
}
_OPTIONS = {
    **dict.fromkeys(("n", "-dist", "-numprocesses", "-maxprocesses"), "pytest-xdist"),
    **{f"-{name}": _PLUGINS[name] for name in ("asyncio", "benchmark", "cov", "timeout")},
    "-ds": "pytest-django",
    "-no-cov": "pytest-cov",
    "-random-order": "pytest-random-order",
    "-reruns": "pytest-rerunfailures",
}
_SHOWN = (
    (re.compile(r"ModuleNotFoundError: No module named '(\w+)"), _MODULES),
    (re.compile(r"fixture '(\w+)' not found"), _PLUGINS),
    (re.compile(rf"unrecognized arguments:.* -({'|'.join(_OPTIONS)})\b"), _OPTIONS),
    (
        re.compile(r"(?:Unknown config option: |unknown configuration option: )(\w+?)(?:_|$)"),
        _PLUGINS,
    ),
    (re.compile(r"Unknown pytest\.mark\.(\w+)|'(asyncio)' not found in `markers`"), _PLUGINS),
    (re.compile(r"(async) def functions are not natively supported"), {"async": "pytest-asyncio"}),
)


@dataclass
class Requirements:
    """What the tests need.

    Attributes:
        arguments: As `uv pip install` takes them, the project itself first.
        dependencies: What to install in place of the project if it cannot be built, as one that
            declares no build system need not be a package.
        declared: All that the project declares anywhere: name of the distribution -> requirement.
    """

    arguments: list[str] = field(default_factory=list)
    dependencies: list[str] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)


def find_requirements(root: Path, metadata: Metadata) -> Requirements:
    """Find what the tests need: extras, groups, files, and what tox, Hatch, PDM and Poetry hold."""
    found = Requirements()
    extras = _extras(metadata)
    groups = table(metadata.pyproject.get("dependency-groups"))
    tox_extras, tox_groups, tox = _tox(root, metadata)
    chosen = [*_of_tests(extras), *(name for name in extras if name in tox_extras)]
    chosen_groups = [*_of_tests(groups), *(name for name in groups if name in tox_groups)]
    chosen, chosen_groups = list(dict.fromkeys(chosen)), list(dict.fromkeys(chosen_groups))
    others = _other_tools(table(metadata.pyproject.get("tool")))
    files = [name for name in _FILES if (root / name).is_file()]
    if not (chosen or chosen_groups or files or tox or any(map(_is_test, others))):
        chosen = [name for name in extras if name.lower() in _DEVELOPMENT]
        chosen_groups = [name for name in groups if name.lower() in _DEVELOPMENT]
        files = [name for name in _DEVELOPMENT_FILES if (root / name).is_file()]
        own = [line for name, lines in others.items() if name in _DEVELOPMENT for line in lines]
    else:
        own = [line for name, lines in others.items() if _is_test(name) for line in lines]
    if "project" in metadata.pyproject and "build-system" not in metadata.pyproject:
        extra = [f"--extra={name}" for name in chosen]
        found.dependencies = ["--requirement=pyproject.toml", *extra]
    if is_installable(root, metadata):
        found.arguments.append(f"--editable=.{'[' + ','.join(chosen) + ']' if chosen else ''}")
    else:
        found.arguments += found.dependencies
        if not found.dependencies:  # setup.cfg alone, which pip cannot install
            options = metadata.setup_cfg.get("options", "install_requires", fallback=None)
            lines = [
                *strings(options),
                *(each for name in chosen for each in strings(extras[name])),
            ]
            found.arguments += [line for line in lines if _is_requirement(line)]
        files += [name for name in _RUNTIME_FILES if (root / name).is_file()]
    found.arguments += [f"--group={name}" for name in chosen_groups]
    found.arguments += [f"--requirement={name}" for name in files]
    listed = [*strings(metadata.setup.get("tests_require")), *own, *tox]
    found.arguments += [line for line in listed if _is_requirement(line)]
    found.arguments = list(dict.fromkeys(found.arguments))
    everything = [*extras.values(), *groups.values(), *others.values(), listed]
    for line in (line for lines in everything for line in strings(lines)):
        if name := _NAME.match(line):
            found.declared.setdefault(_normal(name[0]), line)
    if not any(_named(line) == "pytest" for line in found.arguments):
        found.arguments.append("pytest")
    return found


def is_installable(root: Path, metadata: Metadata) -> bool:
    """Return whether the project is a package that pip can install, not an application."""
    tool = table(metadata.pyproject.get("tool"))
    switches = table(tool.get("uv")).get("package"), table(tool.get("poetry")).get("package-mode")
    stated = {"project", "build-system"} & metadata.pyproject.keys()
    has_settings = metadata.setup_cfg.has_section("metadata") and metadata.pyproject
    return False not in switches and (
        bool(stated) or (root / "setup.py").is_file() or bool(has_settings)
    )


def find_missing(output: str, found: Requirements) -> list[str]:
    """Return the requirements that the output of a run shows to be missing.

    A project's own declaration of a distribution decides; else it is one of few known ones.
    """
    missing = []
    if required := _REQUIRED.search(output):
        missing += [each for each in re.split(r",\s*", required[1].strip()) if _NAME.match(each)]
    for pattern, known in _SHOWN:
        for match in pattern.finditer(output):
            name = next(filter(None, match.groups()))
            distribution = known.get(name)
            declared = found.declared.get(_normal(distribution or name))
            if (requirement := declared or distribution) and requirement not in found.arguments:
                missing.append(requirement)
    return list(dict.fromkeys(missing))


def find_test_paths(root: Path, metadata: Metadata) -> list[str]:
    """Return where the tests are, for a project that does not configure it."""
    options = table(table(table(metadata.pyproject.get("tool")).get("pytest")))
    configured = [
        table(options.get("ini_options")).get("testpaths"),
        options.get("testpaths"),
        metadata.setup_cfg.get("tool:pytest", "testpaths", fallback=None),
        read_ini(root / "pytest.ini").get("pytest", "testpaths", fallback=None),
        read_ini(root / "tox.ini").get("pytest", "testpaths", fallback=None),
    ]
    if any(configured):
        return []
    inside = [
        f"{place}{name.replace('.', '/')}/{tests}"
        for place in ("src/", "")
        for name in metadata.packages
        for tests in ("tests", "test")
    ]
    found = [path for path in ("tests", "test", *inside) if (root / path).is_dir()]
    if found[:1] in (["tests"], ["test"]):
        found = found[:1]
    return _files_of_other_names(root, metadata, found) or found


def runs_doctests(root: Path) -> bool:
    """Return whether pytest is configured to import every module for its doctests."""
    files = [root / name for name in ("pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini")]
    return any(b"--doctest-modules" in path.read_bytes() for path in files if path.is_file())


def _files_of_other_names(root: Path, metadata: Metadata, found: list[str]) -> list[str]:
    """Return the files with tests, where none of them has a name that pytest looks for."""
    if found:
        files = [path for place in found for path in sorted((root / place).rglob("*.py"))]
    else:
        names = [name.replace(".", "/") for name in metadata.packages]
        packages = [f"{place}{name}" for place in ("", "src/") for name in names]
        files = [path for place in ("", *packages) for path in sorted((root / place).glob("*.py"))]
    if any(fnmatch(path.name, pattern) for path in files for pattern in _TEST_FILES):
        return []
    return [
        path.relative_to(root).as_posix()
        for path in files
        if (found or path.stem in _TEST)
        and _TEST_CODE.search(path.read_text(encoding="utf-8", errors="replace"))
    ]


def _extras(metadata: Metadata) -> dict[str, Any]:
    extras = dict(table(table(metadata.pyproject.get("project")).get("optional-dependencies")))
    poetry = table(table(metadata.pyproject.get("tool")).get("poetry"))
    extras |= table(poetry.get("extras"))
    extras |= table(metadata.setup.get("extras_require"))
    if metadata.setup_cfg.has_section("options.extras_require"):
        extras |= dict(metadata.setup_cfg.items("options.extras_require"))
    flit = table(table(table(metadata.pyproject.get("tool")).get("flit")).get("metadata"))
    return extras | table(flit.get("requires-extra"))


def _other_tools(tool: dict[str, Any]) -> dict[str, list[str]]:
    """Return the dependencies that Poetry, PDM, Hatch and uv keep in tables of their own."""
    result: dict[str, list[str]] = {}
    poetry = table(tool.get("poetry"))
    groups = {
        name: table(group).get("dependencies") for name, group in table(poetry.get("group")).items()
    }
    for name, group in {
        **groups,
        "dev": poetry.get("dev-dependencies") or groups.get("dev"),
    }.items():
        result.setdefault(name, []).extend(
            _from_poetry(package, stated) for package, stated in table(group).items()
        )
    for name, lines in table(table(tool.get("pdm")).get("dev-dependencies")).items():
        result.setdefault(name, []).extend(strings(lines))
    for name, environment in table(table(tool.get("hatch")).get("envs")).items():
        name = {"hatch-test": "test", "default": "dev"}.get(name, name)  # noqa: PLW2901
        for key in ("dependencies", "extra-dependencies"):
            result.setdefault(name, []).extend(strings(table(environment).get(key)))
    result.setdefault("dev", []).extend(strings(table(tool.get("uv")).get("dev-dependencies")))
    return {name: lines for name, lines in result.items() if lines}


def _from_poetry(name: str, stated: object) -> str:
    """Return a dependency of Poetry as PEP 508 has it; without an upper bound for a caret."""
    details = table(stated)
    version = details.get("version", "*") if details else stated
    extras = f"[{','.join(strings(details.get('extras')))}]" if details.get("extras") else ""
    markers = []
    if isinstance(python := details.get("python"), str):
        parts = re.findall(r"([<>]=?|[=!]=)\s*(\d+\.\d+)", python)
        markers = [f"python_version {operator} '{number}'" for operator, number in parts]
    if isinstance(platform := details.get("platform"), str):
        markers.append(f"sys_platform == '{platform}'")
    if isinstance(marker := details.get("markers"), str):
        markers.append(f"({marker})")
    condition = f" ; {' and '.join(markers)}" if markers else ""
    if not isinstance(version, str) or version == "*":
        return name + extras + condition
    bounds = [
        f">={bound[1:]}" if bound[0] in "^~" else bound if bound[0] in "<>=!" else f"=={bound}"
        for bound in (each.strip() for each in version.split(","))
        if bound
    ]
    return f"{name}{extras}{','.join(bounds)}{condition}"


def _tox(root: Path, metadata: Metadata) -> tuple[list[str], list[str], list[str]]:
    """Return the extras, groups and requirements of `[testenv]`."""
    parser = read_ini(root / "tox.ini")
    legacy = table(table(metadata.pyproject.get("tool")).get("tox")).get("legacy_tox_ini")
    if isinstance(legacy, str):
        parser.read_string(legacy)
    if not parser.has_section("testenv"):
        return [], [], []
    values = dict(parser.items("testenv"))
    extras, groups = (
        [name for line in strings(values.get(key)) for name in re.split(r"[,\s]+", line)]
        for key in ("extras", "dependency_groups")
    )
    deps = []
    for line in strings(values.get("deps")):
        if own := re.fullmatch(r"(?:-e\s*)?(?:\{toxinidir\}|\.)\[([\w,.\s-]+)\]", line):
            extras += re.split(r"[,\s]+", own[1].strip())
        file = re.fullmatch(r"-r\s*(?:\{toxinidir\}/)?([\w./-]+)", line)
        if file and (root / file[1]).is_file():
            deps.append(f"--requirement={file[1]}")
        elif _is_requirement(line):
            deps.append(line)
    return extras, groups, deps


def _of_tests(names: Iterable[str]) -> list[str]:
    """Return the names for tests; one such as `test-extra` counts where none is plain."""
    names = list(names)
    plain = [name for name in names if _is_test(name)]
    return plain or [name for name in names if set(re.split(r"[-_.]", name.lower())) & {*_TEST}]


def _is_test(name: str) -> bool:
    return name.lower() in _TEST


def _is_requirement(line: str) -> bool:
    """Return whether a line is a requirement or a file of such, with nothing left to substitute."""
    if line.startswith("--requirement="):
        return True
    return bool(_NAME.match(line)) and not re.search(r"[{}]|^[\w,.!-]+:\s", line)


def _named(line: str) -> str:
    name = _NAME.match(line)
    return _normal(name[0]) if name else ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
