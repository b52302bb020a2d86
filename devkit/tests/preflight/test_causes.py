"""Checks that distinguish several causes, each with a message of its own."""

import pytest

from .cases import (
    ALL,
    CAPTURE,
    GROUPS,
    PROC,
    RAW,
    Arrange,
    both,
    compose,
    declare,
    docker,
    environ,
    environment,
    hangar,
    installed,
    machine,
    owned,
    platform,
    plugin,
    repository,
    scope,
    system,
    wheel,
    worktree,
    write,
)
from .fakes import LOCK, Sandbox

NO_RAW = both(declare(RAW), machine(raw_problem="Operation not permitted"))
HOST_FILES = both(scope("host"), write("Dockerfile"))
DENIED = PermissionError(13, "Permission denied")
REFUSED = ConnectionRefusedError(111, "Connection refused")
DEV_ALONE = GROUPS.format(test="", dev='"respx>=0.2"')
WORKSPACE = '[tool.uv.workspace]\nmembers = ["packages/*"]'


def status(bounding: str, no_new_privileges: int) -> Arrange:
    text = PROC.format(bounding=bounding, nnp=no_new_privileges)
    return system("/proc/self/status", text)


def socket(error: OSError) -> Arrange:
    def arrange(sandbox: Sandbox) -> None:
        sandbox.machine["answers"] = {str(sandbox.root / "var/run/docker.sock"): error}

    return arrange


def root_owned(sandbox: Sandbox) -> None:
    owned(sandbox)
    sandbox.machine["uid"] = (sandbox.project.stat().st_uid) + 1


def dangling(sandbox: Sandbox) -> None:
    (sandbox.environment() / "bin" / "python").unlink()


def windows_layout(sandbox: Sandbox) -> None:
    (sandbox.environment() / "Scripts").mkdir()


detached = write(".git", "gitdir: /elsewhere/.git/worktrees/a\n")


def absolute(sandbox: Sandbox) -> None:
    worktree(sandbox)
    sandbox.write(".git", f"gitdir: {sandbox.project.parent}/main.git\n")


CAUSES = {
    "raw: bounding set": ("PF315", both(NO_RAW, status("0", 0)), "without CAP_NET_RAW"),
    "raw: no file capability": ("PF315", both(NO_RAW, status(ALL, 0)), "not root"),
    "raw: no new privileges": (
        "PF315",
        both(NO_RAW, machine(capable_interpreter=True), status(ALL, 1)),
        "no-new-privileges",
    ),
    "raw: even for root": ("PF315", both(NO_RAW, machine(uid=0), status(ALL, 0)), "even for root"),
    "raw: on Windows": ("PF315", both(NO_RAW, platform("windows")), "Operation not permitted"),
    "venv: interpreter of another machine": ("PF104", dangling, "does not exist on this machine"),
    "venv: of Windows": ("PF104", windows_layout, "created on Windows"),
    "wheel: missing": ("PF609", hangar(), "has no wheel"),
    "wheel: two": ("PF609", both(hangar(), wheel("0.2.0"), wheel("0.1.9")), "has 2 wheels"),
    "wheel: another version": (
        "PF609",
        both(hangar(), wheel("0.1.9")),
        "the wheel is 0.1.9, the template 0.2.0",
    ),
    "wheel: another source": (
        "PF609",
        both(hangar("tools/hangar-devkit"), wheel("0.2.0")),
        "names tools/hangar-devkit",
    ),
    "wheel: unpacked": (
        "PF609",
        both(hangar("tools/hangar-devkit"), write("tools/hangar-devkit/src/a")),
        "unpacked sources",
    ),
    "dev alone: a module of the tests": (
        "PF208",
        both(declare(DEV_ALONE), write("tests/test_web.py", "from respx import mock\n")),
        "respx: in the group dev alone",
    ),
    "dev alone: no module of the tests": (
        "PF208",
        both(declare(DEV_ALONE), write("tests/test_web.py", "import respx_other\n")),
        "respx: no test imports a module of that name",
    ),
    "engine: none": ("PF401", HOST_FILES, "no Docker or Podman found"),
    "engine: denied": ("PF401", both(HOST_FILES, socket(DENIED)), "Permission denied"),
    "engine: stopped": ("PF401", both(HOST_FILES, socket(REFUSED)), "Connection refused"),
    "engine: far away": (
        "PF401",
        both(HOST_FILES, environ(DOCKER_HOST="ssh://far")),
        "another machine",
    ),
    "emulation: asked for": (
        "PF406",
        both(docker(), environ(DOCKER_DEFAULT_PLATFORM="linux/arm64")),
        "DOCKER_DEFAULT_PLATFORM is arm64",
    ),
    "workspace: of another": ("PF407", root_owned, "another user"),
    "python: free-threaded": ("PF102", machine(gil=False), "free-threaded"),
    "lock: member": (
        "PF202",
        both(
            declare(WORKSPACE),
            write("uv.lock", LOCK),
            write("packages/a/pyproject.toml", "[project]"),
        ),
        "packages/a itself",
    ),
    "lock: Python": (
        "PF202",
        write("uv.lock", LOCK.replace('requires-python = ">=3.11"', 'requires-python = ">=3.10"')),
        "requires-python",
    ),
    "installed: nothing of the manifest": (
        "PF203",
        both(installed("2.11.0"), declare(""), write("uv.lock", LOCK)),
        "1 packages",
    ),
    "variables: unset": (
        "PF206",
        declare('[tool.preflight.environment]\nTOKEN = "str"'),
        "TOKEN is not set",
    ),
    "dotenv: a line is missing": (
        "PF205",
        both(write(".env.example", "A=\nB=\n"), write(".env", "A=1\n")),
        "does not set B",
    ),
    "port: of root": (
        "PF504",
        both(declare("[tool.preflight.ports]\nweb = 80"), machine(port_refusal="not permitted")),
        "this user may not listen on it",
    ),
    "git: only the address": (
        "PF601",
        both(repository(), machine(printed={"git": "user.name\nA\0"})),
        "user.email not set",
    ),
    "git: other files, and no git": (
        "PF601",
        repository("[include]\npath = other\n"),
        "the settings of git take git itself",
    ),
    "git: repository elsewhere": ("PF601", detached, "which does not exist here"),
    "hook: repository elsewhere": ("PF602", detached, "which does not exist here"),
    "worktree: absolute path on the host": (
        "PF610",
        both(scope("host"), write(".devcontainer/devcontainer.json", "{}"), absolute),
        "an absolute path",
    ),
    "worktree: setting of the editor": (
        "PF610",
        both(scope("host"), write(".devcontainer/devcontainer.json", "{}"), worktree),
        "the editor's setting",
    ),
    "hook: not executable": (
        "PF603",
        both(
            repository(),
            write(".pre-commit-config.yaml"),
            write(".git/hooks/pre-commit", "#!/bin/sh\n"),
        ),
        "not executable",
    ),
    "proxy: not a URL": ("PF701", environ(http_proxy="proxy:3128"), "not a URL"),
    "locale: default of Windows": ("PF704", platform("windows"), "the default of Windows"),
    "library: not for this platform": (
        "PF301",
        declare('[tool.preflight.libraries]\nlibx = { soname = "x.dll" }'),
        "no soname for this platform",
    ),
}


@pytest.mark.parametrize(("id", "arrange", "words"), CAUSES.values(), ids=CAUSES)
def test_the_cause_is_named(sandbox: Sandbox, id: str, arrange: Arrange, words: str) -> None:
    arrange(sandbox)
    assert words in " ".join(finding.found for finding in sandbox.check(id))


FIXES = {
    "apt, not root": (system("/usr/bin/apt-get"), "sudo apt-get install -y libpcap0.8"),
    "apt, root": (
        both(system("/usr/bin/apt-get"), machine(uid=0)),
        "apt-get install -y libpcap0.8",
    ),
    "apt, inside a container": (
        both(system("/usr/bin/apt-get"), system("/.dockerenv"), machine(uid=0)),
        "rebuild the container, or: apt-get update && apt-get install -y libpcap0.8",
    ),
    "dnf": (system("/usr/bin/dnf"), "sudo dnf install -y libpcap"),
    "brew": (platform("macos"), "brew install libpcap"),
    "no manager": (lambda sandbox: None, "install libpcap from https://npcap.com/#download"),
}


@pytest.mark.parametrize(("arrange", "fix"), FIXES.values(), ids=FIXES)
def test_the_fix_is_that_of_the_platform(sandbox: Sandbox, arrange: Arrange, fix: str) -> None:
    sandbox.declare(CAPTURE)
    arrange(sandbox)
    assert [finding.fix for finding in sandbox.check("PF301")] == [fix]


def test_a_missing_wheel_is_restored_from_git(sandbox: Sandbox) -> None:
    hangar()(sandbox)
    fix = "git checkout HEAD -- tools/hangar_devkit-0.2.0-py3-none-any.whl"
    assert sandbox.check("PF609")[0].fix == fix


def test_the_surplus_wheel_is_to_be_deleted(sandbox: Sandbox) -> None:
    both(hangar(), wheel("0.2.0"), wheel("0.1.9"))(sandbox)
    assert sandbox.check("PF609")[0].fix == "rm tools/hangar_devkit-0.1.9-py3-none-any.whl"


def test_the_fix_moves_the_package_to_the_group_of_the_tests(sandbox: Sandbox) -> None:
    sandbox.declare(GROUPS.format(test="", dev='"pytest-mock"'))
    assert sandbox.check("PF208")[0].fix == "uv add --group test pytest-mock"


def test_another_project_may_have_its_groups_as_it_likes(sandbox: Sandbox) -> None:
    sandbox.declare('[dependency-groups]\ndev = ["pytest-mock"]')
    assert sandbox.check("PF208") == []


SETUP = {
    "environment": ("PF103", lambda sandbox: None, "uv sync"),
    "lock file": ("PF201", lambda sandbox: None, "uv lock"),
    "hooks": (
        "PF602",
        both(repository(), write(".pre-commit-config.yaml")),
        "pre-commit install",
    ),
}


@pytest.mark.parametrize(("id", "arrange", "fix"), SETUP.values(), ids=SETUP)
def test_a_project_of_its_own_gets_common_commands(
    sandbox: Sandbox, id: str, arrange: Arrange, fix: str
) -> None:
    sandbox.declare("[tool.uv]")
    arrange(sandbox)
    assert [finding.fix for finding in sandbox.check(id)] == [fix]


@pytest.mark.parametrize(("id", "arrange", "fix"), SETUP.values(), ids=SETUP)
def test_a_project_of_the_template_gets_its_session(
    sandbox: Sandbox, id: str, arrange: Arrange, fix: str
) -> None:
    hangar()(sandbox)
    arrange(sandbox)
    assert [finding.fix for finding in sandbox.check(id)] == ["uvx nox -s setup"]


SILENT = {
    "no uv: no lock file": ("PF201", lambda sandbox: None),
    "no uv: uv is not installed": ("PF204", lambda sandbox: None),
    "no [tool.hangar]: no wheel": ("PF609", lambda sandbox: None),
    "from an index: no wheel": ("PF609", declare('[tool.hangar]\ntemplate = "0.2.0"')),
    "no container files: no engine": ("PF4", scope("host")),
    "no engine wanted: no Compose": ("PF404", docker()),
    "not in a container: no owner": ("PF407", lambda sandbox: None),
    "another platform: no Npcap": ("PF311", declare(CAPTURE)),
    "Windows: no libpcap": ("PF301", both(platform("windows"), declare(CAPTURE))),
    "nothing declared: no raw sockets": ("PF315", machine(raw_problem="refused")),
    "no repository: no hooks": ("PF602", write(".pre-commit-config.yaml")),
    "no template: no age": ("PF607", scope("host")),
    "no proxy": ("PF70", machine(now=0.0)),
    "macOS: no inotify": ("PF505", both(scope("host"), platform("macos"))),
    "no hooks wanted": ("PF602", repository()),
}


@pytest.mark.parametrize(("id", "arrange"), SILENT.values(), ids=SILENT)
def test_what_is_not_relevant_is_not_run(sandbox: Sandbox, id: str, arrange: Arrange) -> None:
    arrange(sandbox)
    irrelevant = {"PF409", "PF703", "PF704", "PF705"}  # relevant everywhere
    assert [f.id for f in sandbox.check(id) if f.id not in irrelevant] == []


Printed = dict[str, str | OSError]
DEEP: dict[str, tuple[str, Arrange, Printed, Printed]] = {
    "uv": (
        "PF204",
        both(
            lambda sandbox: sandbox.program("uv"), declare('[tool.uv]\nrequired-version = ">=0.13"')
        ),
        {"uv": "uv 0.11.2 (abc)"},
        {"uv": "uv 0.13.9"},
    ),
    "lock": (
        "PF202",
        write("uv.lock", LOCK),
        {"uv": OSError("The lockfile at `uv.lock` needs to be updated")},
        {"uv": ""},
    ),
    "executable": (
        "PF302",
        both(
            lambda sandbox: sandbox.program("ffmpeg"),
            declare(
                '[tool.preflight.executables]\nffmpeg = { minimum = "6.1", flag = "-version" }'
            ),
        ),
        {"ffmpeg": "ffmpeg version 5.1.6-0+deb12u1 Copyright"},
        {"ffmpeg": "ffmpeg version 6.1, built with gcc"},
    ),
    "compose": (
        "PF404",
        both(docker(), compose, plugin("compose")),
        {"docker-compose": '{"Version":"v2.17.0"}'},
        {"docker-compose": '{"Version":"2.26.1-4"}'},
    ),
    "buildx": (
        "PF405",
        both(docker(), plugin("buildx")),
        {"docker-buildx": '{"Version": "0.13.1"}'},
        {"docker-buildx": '{"Version": "v0.17.1"}'},
    ),
}


@pytest.mark.parametrize(("id", "arrange", "old", "new"), DEEP.values(), ids=DEEP)
def test_deep_finds_what_is_too_old(
    sandbox: Sandbox, id: str, arrange: Arrange, old: Printed, new: Printed
) -> None:
    arrange(sandbox)
    sandbox.deep = True
    sandbox.machine["printed"] = old
    assert {finding.state for finding in sandbox.check(id)} <= {"warn", "error"}


@pytest.mark.parametrize(("id", "arrange", "old", "new"), DEEP.values(), ids=DEEP)
def test_deep_lets_pass_what_is_recent(
    sandbox: Sandbox, id: str, arrange: Arrange, old: Printed, new: Printed
) -> None:
    arrange(sandbox)
    sandbox.deep = True
    sandbox.machine["printed"] = new
    assert [finding.state for finding in sandbox.check(id)] == ["ok"]


RESOURCES = {
    "memory": ("PF501", '"64gb"'),
    "storage": ("PF503", '"900gb"'),
    "cpus": ("PF502", "64"),
}


def host_requirement(sandbox: Sandbox, key: str, scope: str) -> list[str]:
    id, value = RESOURCES[key]
    text = f'{{ "hostRequirements": {{ "{key}": {value}, }} }} // comment'
    sandbox.write(".devcontainer/devcontainer.json", text)
    sandbox.scopes = (scope,)
    return [finding.state for finding in sandbox.check(id)]


@pytest.mark.parametrize("scope", ["host", "container"])
@pytest.mark.parametrize("key", RESOURCES)
def test_what_the_dev_container_asks_of_its_host_is_checked(
    sandbox: Sandbox, key: str, scope: str
) -> None:
    assert host_requirement(sandbox, key, scope) == ["warn"]


@pytest.mark.parametrize("key", RESOURCES)
def test_tests_need_not_what_the_dev_container_asks(sandbox: Sandbox, key: str) -> None:
    assert host_requirement(sandbox, key, "test") == []


VALUES = {
    "int": ("8", "eight"),
    "bool": ("true", "maybe"),
    "url": ("postgresql+psycopg://db/x", "db:5432"),
    "path": ("/", "/nowhere/at/all"),
}


@pytest.mark.parametrize("type_name", VALUES)
@pytest.mark.parametrize("right", [True, False])
def test_a_variable_has_its_type(sandbox: Sandbox, type_name: str, right: bool) -> None:
    sandbox.declare(f'[tool.preflight.environment]\nV = "{type_name}"')
    sandbox.environ["V"] = VALUES[type_name][0 if right else 1]
    assert [finding.state for finding in sandbox.check("PF206")] == ["ok" if right else "error"]


@pytest.mark.parametrize(("type_name", "value"), [("int", "1_000"), ("int", "-3"), ("bool", "t")])
def test_what_pydantic_takes_is_valid(sandbox: Sandbox, type_name: str, value: str) -> None:
    sandbox.declare(f'[tool.preflight.environment]\nV = "{type_name}"')
    sandbox.environ["V"] = value
    assert [finding.state for finding in sandbox.check("PF206")] == ["ok"]


def test_a_reference_in_dotenv_is_expanded(sandbox: Sandbox) -> None:
    sandbox.declare('[tool.preflight.environment]\nDATABASE_URL = "url"')
    sandbox.write(".env", "BASE=postgresql://database\nDATABASE_URL=${BASE}/${NAME:-app}\n")
    assert [finding.state for finding in sandbox.check("PF206")] == ["ok"]


@pytest.mark.parametrize(("value", "state"), [("debug", "ok"), ("loud", "error")])
def test_an_enum_has_one_of_its_values(sandbox: Sandbox, value: str, state: str) -> None:
    sandbox.declare(
        '[tool.preflight.environment]\nV = { type = "enum", values = ["debug", "info"] }'
    )
    sandbox.environ["V"] = value
    assert [finding.state for finding in sandbox.check("PF206")] == [state]


def test_no_value_of_a_variable_is_shown(sandbox: Sandbox) -> None:
    sandbox.declare('[tool.preflight.environment]\nV = "int"')
    sandbox.environ["V"] = "s3cret"
    assert "s3cret" not in str(sandbox.check())


def test_an_optional_library_is_a_warning(sandbox: Sandbox) -> None:
    sandbox.declare("[tool.preflight.libraries]\nlibpcap = { optional = true }")
    assert [finding.state for finding in sandbox.check("PF301")] == ["warn"]


def test_drift_from_the_lock_is_an_error_in_ci(sandbox: Sandbox) -> None:
    installed("2.12.0")(sandbox)
    sandbox.scopes = ("ci",)
    assert [finding.state for finding in sandbox.check("PF203")] == ["error"]


def test_a_moved_environment_is_the_one_of_the_host(sandbox: Sandbox) -> None:
    environment(sandbox)
    sandbox.project = sandbox.project.rename(sandbox.project.parent / "workspace")
    assert [finding.state for finding in sandbox.check("PF104")] == ["error"]
