"""An option brings what it names, and leaves no trace when it is off."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Render
from tests.support.render import contents
from tests.support.template import OPTIONS, VALUES, Answers

# (option, value) -> what only that value brings: words, as patterns, in files and in paths.
TRACES: dict[tuple[str, Any], list[str]] = {
    ("license", "MIT"): [r"\bMIT\b"],
    ("license", "Apache-2.0"): [r"Apache-2\.0", r"Apache License"],
    ("license", "BSD-3-Clause"): [r"BSD-3-Clause", r"BSD 3-Clause"],
    ("license", "Proprietary"): [r"LicenseRef", r"All rights reserved\.\n\nNo part"],
    ("ci", "github"): [r"\.github/", r"zizmor --"],
    ("ci", "gitlab"): [r"\.gitlab"],
    ("ml_pipeline", True): [
        *(r"edge/arrays", r"edge/tables", r"\bjaxtyping\b", r"\bpolars>", r"\b[Kk]edro\b"),
        *(r"\b[Mm][Ll]flow\b", r"\bdask\b", r"\bconf/", r"anomaly_utils", r"-s pipeline\b"),
        *(r"\bruns/", r"/models/", r"/tracking/"),
    ],
}
# What more than one value brings, but not all.
SHARED: dict[str, tuple[str, set[Any]]] = {
    r"renovate\.json": ("ci", {"github", "gitlab"}),
    r"publish-package": ("publish", {"package", "both"}),
    r"publish-image": ("publish", {"image", "both"}),
}
# The value is data of the project, or the common case: there is nothing to leave behind.
PLAIN = {
    *(("python_version", value) for value in OPTIONS["python_version"]),
    *(("publish", value) for value in OPTIONS["publish"]),
    ("ci", "none"),
    ("ml_pipeline", False),
}
LICENSES = {
    "MIT": ("MIT", "MIT License"),
    "Apache-2.0": ("Apache-2.0", "Apache License"),
    "BSD-3-Clause": ("BSD-3-Clause", "BSD 3-Clause License"),
    "Proprietary": ("LicenseRef-Proprietary", "Copyright (c) "),
}


def traces(project: Path, pattern: str) -> list[str]:
    """List the files that a pattern is found in, by name or by content."""
    # `tools/` is the same in every project: it knows every option.
    return [
        name
        for name, content in contents(project).items()
        if not name.startswith("tools/")
        and re.search(pattern, f"{name}\n{content.decode(errors='replace')}")
    ]


def test_every_value_is_in_the_table() -> None:
    assert set(TRACES) | PLAIN == set(VALUES)


def test_an_option_that_is_off_leaves_no_trace(project: Path, answers: Answers) -> None:
    off = [
        pattern for (name, value), of in TRACES.items() if answers[name] != value for pattern in of
    ]
    assert {pattern: found for pattern in off if (found := traces(project, pattern))} == {}


@pytest.mark.parametrize(
    ("option", "value", "pattern"),
    [(*key, pattern) for key, patterns in TRACES.items() for pattern in patterns],
)
def test_a_trace_is_found_when_the_option_is_on(
    render: Render, option: str, value: object, pattern: str
) -> None:
    assert traces(render({option: value}), pattern) != []


@pytest.mark.parametrize("pattern", SHARED)
def test_what_some_values_share_comes_with_those_only(
    project: Path, answers: Answers, pattern: str
) -> None:
    option, values = SHARED[pattern]
    assert bool(traces(project, pattern)) == (answers[option] in values)


def test_license_has_its_text(project: Path, answers: Answers) -> None:
    assert LICENSES[answers["license"]][1] in (project / "LICENSE").read_text(encoding="utf-8")


def test_license_has_its_identifier(project: Path, answers: Answers) -> None:
    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert metadata["project"]["license"] == LICENSES[answers["license"]][0]


def test_license_names_its_holder(project: Path) -> None:
    assert "The My Project authors" in (project / "LICENSE").read_text(encoding="utf-8")


def test_image_has_the_python_asked_for(project: Path, answers: Answers) -> None:
    first = re.search(
        r"^ARG PYTHON_VERSION=(\S+)$",
        (project / "Dockerfile").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert first is not None
    assert first[1] == answers["python_version"]
