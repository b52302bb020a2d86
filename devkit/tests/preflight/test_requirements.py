"""Requirements of the manifest against the lock file and the environment, as versions compare."""

from collections.abc import Callable

import pytest

from .fakes import LOCK, MANIFEST, Sandbox


@pytest.fixture
def locked(sandbox: Sandbox) -> Callable[[str, str], Sandbox]:
    """Arrange the requirements of a manifest, and those that its lock file states."""

    def arrange(stated: str, in_lock: str) -> Sandbox:
        sandbox.write("pyproject.toml", MANIFEST.replace('"pydantic>=2.10"', stated))
        entry = '{ name = "pydantic", specifier = ">=2.10" }'
        sandbox.write("uv.lock", LOCK.replace(entry, in_lock))
        return sandbox

    return arrange


SINCE_12, UNTIL_12 = "python_full_version >= '3.12'", "python_full_version < '3.12'"
TWO_MARKERS = (
    f'{{ name = "a", marker = "{SINCE_12}", specifier = ">=2" }}, '
    f'{{ name = "a", marker = "{UNTIL_12}", specifier = ">=1" }}'
)
SAME = {
    "another spelling of the name": ('"a__b>=1"', '{ name = "a-b", specifier = ">=1" }'),
    "another order": ('"a>=1,<2"', '{ name = "a", specifier = "<2,>=1" }'),
    "another spelling of the version": ('"a>=1.0"', '{ name = "a", specifier = ">=1" }'),
    "an extra": ('"a[c,b]>=1"', '{ name = "a", extras = ["b", "c"], specifier = ">=1" }'),
    "two markers": (
        "\"a>=1; python_version < '3.12'\", \"a>=2; python_version >= '3.12'\"",
        TWO_MARKERS,
    ),
}
DIFFERENT = {
    "a source that was removed": ('"a>=1"', '{ name = "a", editable = "a" }'),
    "another extra": ('"a[b]"', '{ name = "a", extras = ["c"] }'),
    "another version": ('"a>=1"', '{ name = "a", specifier = ">=2" }'),
    "added": ('"a", "b"', '{ name = "a" }'),
    "removed": ('"a"', '{ name = "a" }, { name = "b", specifier = ">=1" }'),
    "removed, with a source": ('"a"', '{ name = "a" }, { name = "b", editable = "b" }'),
}


@pytest.mark.parametrize(("stated", "in_lock"), SAME.values(), ids=SAME)
def test_the_lock_file_is_up_to_date(
    locked: Callable[[str, str], Sandbox], stated: str, in_lock: str
) -> None:
    assert [found.state for found in locked(stated, in_lock).check("PF202")] == ["ok"]


@pytest.mark.parametrize(("stated", "in_lock"), DIFFERENT.values(), ids=DIFFERENT)
def test_the_lock_file_is_out_of_date(
    locked: Callable[[str, str], Sandbox], stated: str, in_lock: str
) -> None:
    assert [found.state for found in locked(stated, in_lock).check("PF202")] == ["error"]


@pytest.mark.parametrize(
    ("stated", "in_lock"),
    [
        ("\"a; sys_platform == 'win32'\"", '{ name = "a" }'),
        ('"a @ https://example.com/a.whl"', '{ name = "a", url = "https://example.com/a.whl" }'),
    ],
)
def test_what_only_uv_can_compare_is_not_called_good(
    locked: Callable[[str, str], Sandbox], stated: str, in_lock: str
) -> None:
    assert [found.state for found in locked(stated, in_lock).check("PF202")] == ["unknown"]


@pytest.mark.usefixtures("no_packaging")
def test_without_packaging_equal_texts_are_up_to_date(
    locked: Callable[[str, str], Sandbox],
) -> None:
    found = locked('"a>=1"', '{ name = "a", specifier = ">=1" }').check("PF202")
    assert [finding.state for finding in found] == ["ok"]


@pytest.mark.usefixtures("no_packaging")
def test_without_packaging_different_texts_could_not_be_checked(
    locked: Callable[[str, str], Sandbox],
) -> None:
    found = locked('"a>=1.0"', '{ name = "a", specifier = ">=1" }').check("PF202")
    assert [finding.state for finding in found] == ["unknown"]


DYNAMIC = 'dependencies = ["pydantic>=2.10"]', 'dynamic = ["dependencies"]'


@pytest.mark.parametrize("id", ["PF202", "PF203"])
def test_dynamic_dependencies_could_not_be_checked(sandbox: Sandbox, id: str) -> None:
    sandbox.write("pyproject.toml", MANIFEST.replace(*DYNAMIC))
    sandbox.write("uv.lock", LOCK)
    packages = sandbox.environment() / "lib/python3.13/site-packages"
    (packages / "pydantic-2.11.0.dist-info").mkdir(parents=True)
    assert [found.state for found in sandbox.check(id)] == ["unknown"]


def test_where_uv_cannot_resolve_the_texts_are_compared(
    locked: Callable[[str, str], Sandbox],
) -> None:
    sandbox = locked('"a>=1"', '{ name = "a", specifier = ">=2" }')
    sandbox.deep = True
    sandbox.machine["printed"] = {"uv": OSError("network was disabled")}
    assert "changed since it was locked: a" in sandbox.check("PF202")[0].found


def test_development_dependencies_of_uv_are_compared(sandbox: Sandbox) -> None:
    sandbox.declare('[tool.uv]\ndev-dependencies = ["b>=1"]')
    sandbox.write("uv.lock", LOCK)
    assert "changed since it was locked: b" in sandbox.check("PF202")[0].found


def test_members_of_a_workspace_are_found_by_their_pattern(sandbox: Sandbox) -> None:
    sandbox.declare('[tool.uv.workspace]\nmembers = ["packages/*"]')
    sandbox.write("packages/one/pyproject.toml", '[project]\nname = "one"\ndependencies = ["b"]\n')
    block = '\n[[package]]\nname = "one"\nsource = { editable = "packages/one" }\n'
    sandbox.write("uv.lock", f"{LOCK}{block}")
    assert "b" in sandbox.check("PF202")[0].found


@pytest.fixture
def installed(sandbox: Sandbox) -> Callable[[str], Sandbox]:
    """Arrange a requirement whose package is not installed, beside one that is."""

    def arrange(text: str) -> Sandbox:
        sandbox.write(
            "pyproject.toml", MANIFEST.replace('"pydantic>=2.10"', f'"pydantic", "{text}"')
        )
        sandbox.write("uv.lock", LOCK)
        packages = sandbox.environment() / "lib/python3.13/site-packages"
        (packages / "pydantic-2.11.0.dist-info").mkdir(parents=True)
        return sandbox

    return arrange


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("a", "warn"),
        ("a; python_version < '3.13'", "ok"),
        ("a; python_version >= '3.13'", "warn"),
        ("a; extra == 'b'", "ok"),
    ],
)
def test_a_direct_dependency_is_installed(
    installed: Callable[[str], Sandbox], text: str, state: str
) -> None:
    assert [found.state for found in installed(text).check("PF203")] == [state]


@pytest.mark.usefixtures("no_packaging")
def test_without_packaging_a_marker_could_not_be_checked(
    installed: Callable[[str], Sandbox],
) -> None:
    found = installed("a; python_version < '3.13'").check("PF203")
    assert [finding.state for finding in found] == ["unknown"]


@pytest.mark.parametrize(
    ("specifier", "state"), [("~=3.12", "ok"), ("!=3.13.*", "error"), ("3.13 or so", "unknown")]
)
def test_any_specifier_of_python_is_evaluated(sandbox: Sandbox, specifier: str, state: str) -> None:
    sandbox.write("pyproject.toml", MANIFEST.replace(">=3.11", specifier))
    assert [found.state for found in sandbox.check("PF101")] == [state]


@pytest.mark.usefixtures("no_packaging")
def test_without_packaging_such_a_specifier_could_not_be_checked(sandbox: Sandbox) -> None:
    sandbox.write("pyproject.toml", MANIFEST.replace(">=3.11", "~=3.12"))
    assert [found.state for found in sandbox.check("PF101")] == ["unknown"]
