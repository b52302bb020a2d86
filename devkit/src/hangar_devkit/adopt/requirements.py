"""Find what the tests of a project need, where projects declare it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hangar_devkit.adopt.metadata import Metadata, read_ini, strings, table

_TEST = ("test", "tests", "testing", "unittest", "pytest")
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
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# What the output of pytest shows to be missing, and the distribution that has it. Only these are
# ever installed without a declaration of the project: a guessed name could be anybody's.
_MODULES = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "docutils": "docutils",
    "freezegun": "freezegun",
    "hypothesis": "hypothesis",
    "jinja2": "jinja2",
    "mock": "mock",
    "numpy": "numpy",
    "packaging": "packaging",
    "pandas": "pandas",
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
    "tomli": "tomli",
    "yaml": "pyyaml",
}
_PLUGINS = {
    "asyncio": "pytest-asyncio",
    "benchmark": "pytest-benchmark",
    "cov": "pytest-cov",
    "httpbin": "pytest-httpbin",
    "mocker": "pytest-mock",
    "requests_mock": "requests-mock",
    "respx_mock": "respx",
    "timeout": "pytest-timeout",
    "xdist": "pytest-xdist",
}
_SHOWN = (
    (re.compile(r"ModuleNotFoundError: No module named '(\w+)"), _MODULES),
    (re.compile(r"fixture '(\w+)' not found"), _PLUGINS),
    (re.compile(r"unrecognized arguments:.*--(cov|benchmark|timeout|asyncio)"), _PLUGINS),
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
        sources: Where they were found, for the report.
        declared: All that the project declares anywhere: name of the distribution -> requirement.
    """

    arguments: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)


def find_requirements(root: Path, metadata: Metadata) -> Requirements:
    """Find what the tests need: extras, groups, files, and what tox, Hatch, PDM and Poetry hold."""
    found = Requirements()
    extras = _extras(metadata)
    groups = table(metadata.pyproject.get("dependency-groups"))
    tox_extras, tox_groups, tox = _tox(root, metadata)
    chosen = [name for name in extras if _is_test(name) or name in tox_extras]
    chosen_groups = [name for name in groups if _is_test(name) or name in tox_groups]
    others = _other_tools(table(metadata.pyproject.get("tool")))
    files = [name for name in _FILES if (root / name).is_file()]
    if not (chosen or chosen_groups or files or tox or any(map(_is_test, others))):
        chosen = [name for name in extras if name.lower() in _DEVELOPMENT]
        chosen_groups = [name for name in groups if name.lower() in _DEVELOPMENT]
        files = [name for name in _DEVELOPMENT_FILES if (root / name).is_file()]
        own = [line for name, lines in others.items() if name in _DEVELOPMENT for line in lines]
    else:
        own = [line for name, lines in others.items() if _is_test(name) for line in lines]
    if is_installable(root, metadata):
        found.arguments.append(f"--editable=.{'[' + ','.join(chosen) + ']' if chosen else ''}")
    found.arguments += [f"--group={name}" for name in chosen_groups]
    found.arguments += [f"--requirement={name}" for name in files]
    listed = [*strings(metadata.setup.get("tests_require")), *own, *tox]
    found.arguments += [line for line in listed if _is_requirement(line)]
    found.arguments = list(dict.fromkeys(found.arguments))
    found.sources = [
        *(f"extra {name}" for name in chosen),
        *(f"group {name}" for name in chosen_groups),
        *files,
    ]
    everything = [*extras.values(), *groups.values(), *others.values(), listed]
    for line in (line for lines in everything for line in strings(lines)):
        if name := _NAME.match(line):
            found.declared.setdefault(_normal(name[0]), line)
    if not any(_named(line) == "pytest" for line in found.arguments):
        found.arguments.append("pytest")
    return found


def is_installable(root: Path, metadata: Metadata) -> bool:
    """Return whether the project is a package that pip can install."""
    stated = {"project", "build-system"} & metadata.pyproject.keys()
    return (
        bool(stated) or (root / "setup.py").is_file() or metadata.setup_cfg.has_section("metadata")
    )


def find_missing(output: str, found: Requirements) -> list[str]:
    """Return the requirements that the output of a run shows to be missing.

    A project's own declaration of a distribution decides; else it is one of few known ones.
    """
    missing = []
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
        f"{place}{name}/{tests}"
        for place in ("src/", "")
        for name in metadata.packages
        for tests in ("tests", "test")
    ]
    found = [path for path in ("tests", "test", *inside) if (root / path).is_dir()]
    return found[:1] if found[:1] in (["tests"], ["test"]) else found


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
    if not isinstance(version, str) or version == "*":
        return name + extras
    bounds = [
        f">={bound[1:]}" if bound[0] in "^~" else bound if bound[0] in "<>=!" else f"=={bound}"
        for bound in (each.strip() for each in version.split(","))
        if bound
    ]
    return f"{name}{extras}{','.join(bounds)}"


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
        file = re.fullmatch(r"-r\s*(?:\{toxinidir\}/)?([\w./-]+)", line)
        if file and (root / file[1]).is_file():
            deps.append(f"--requirement={file[1]}")
        elif _is_requirement(line):
            deps.append(line)
    return extras, groups, deps


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
