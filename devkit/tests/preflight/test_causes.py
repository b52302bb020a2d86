"""Checks that tell several causes apart, each by its own words."""

import pytest

from .cases import (
    ALL,
    CAPTURE,
    PROC,
    RAW,
    Arrange,
    both,
    compose,
    declare,
    docker,
    environ,
    environment,
    installed,
    machine,
    owned,
    platform,
    plugin,
    repository,
    scope,
    system,
    write,
)
from .world import LOCK, World

NO_RAW = both(declare(RAW), machine(raw_problem="Operation not permitted"))
HOST_FILES = both(scope("host"), write("Dockerfile"))
DENIED = PermissionError(13, "Permission denied")
REFUSED = ConnectionRefusedError(111, "Connection refused")
WORKSPACE = '[tool.uv.workspace]\nmembers = ["tools"]'


def status(bounding: str, no_new_privileges: int) -> Arrange:
    text = PROC.format(bounding=bounding, nnp=no_new_privileges)
    return system("/proc/self/status", text)


def socket(error: OSError) -> Arrange:
    def arrange(world: World) -> None:
        world.machine["answers"] = {str(world.root / "var/run/docker.sock"): error}

    return arrange


def root_owned(world: World) -> None:
    owned(world)
    world.machine["uid"] = (world.project.stat().st_uid) + 1


def dangling(world: World) -> None:
    (world.environment() / "bin" / "python").unlink()


def windows_layout(world: World) -> None:
    (world.environment() / "Scripts").mkdir()


CAUSES = {
    "raw: bounding set": ("PF315", both(NO_RAW, status("0", 0)), "without CAP_NET_RAW"),
    "raw: no file capability": ("PF315", both(NO_RAW, status(ALL, 0)), "not root"),
    "raw: no new privileges": (
        "PF315",
        both(NO_RAW, machine(capable_interpreter=True), status(ALL, 1)),
        "no-new-privileges",
    ),
    "raw: root, and yet": ("PF315", both(NO_RAW, machine(uid=0), status(ALL, 0)), "though root"),
    "raw: on Windows": ("PF315", both(NO_RAW, platform("windows")), "Operation not permitted"),
    "venv: interpreter of another machine": ("PF104", dangling, "not on this machine"),
    "venv: of Windows": ("PF104", windows_layout, "built on Windows"),
    "engine: none": ("PF401", HOST_FILES, "no Docker or Podman"),
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
        "asks for arm64",
    ),
    "workspace: of another": ("PF407", root_owned, "another user"),
    "python: free-threaded": ("PF102", machine(gil=False), "free-threaded"),
    "lock: member": (
        "PF202",
        both(
            declare(WORKSPACE), write("uv.lock", LOCK), write("tools/pyproject.toml", "[project]")
        ),
        "tools itself",
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
        "lacks B",
    ),
    "git: only the address": ("PF601", repository("[user]\nname = A\n"), "user.email not set"),
    "git: other files": ("PF601", repository("[include]\npath = other\n"), "include other files"),
    "hook: not executable": (
        "PF603",
        both(
            repository(),
            write(".pre-commit-config.yaml"),
            write(".git/hooks/pre-commit", "#!/bin/sh\n"),
        ),
        "not executable",
    ),
    "proxy: no URL": ("PF701", environ(http_proxy="proxy:3128"), "no URL"),
    "locale: of Windows": ("PF704", platform("windows"), "that of Windows"),
    "library: not for this platform": (
        "PF301",
        declare('[tool.preflight.libraries]\nlibx = { soname = "x.dll" }'),
        "no soname for this platform",
    ),
}


@pytest.mark.parametrize(("id", "arrange", "words"), CAUSES.values(), ids=CAUSES)
def test_the_cause_is_named(world: World, id: str, arrange: Arrange, words: str) -> None:
    arrange(world)
    assert words in " ".join(finding.found for finding in world.look(id))


MENDS = {
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
    "no manager": (lambda world: None, "install libpcap from https://npcap.com/#download"),
}


@pytest.mark.parametrize(("arrange", "mend"), MENDS.values(), ids=MENDS)
def test_the_mend_is_that_of_the_platform(world: World, arrange: Arrange, mend: str) -> None:
    world.declare(CAPTURE)
    arrange(world)
    assert [finding.mend for finding in world.look("PF301")] == [mend]


SILENT = {
    "no container files: no engine": ("PF4", scope("host")),
    "no engine wanted: no Compose": ("PF404", docker()),
    "not in a container: no owner": ("PF407", lambda world: None),
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
def test_what_is_not_relevant_is_not_run(world: World, id: str, arrange: Arrange) -> None:
    arrange(world)
    irrelevant = {"PF409", "PF703", "PF704", "PF705"}  # relevant everywhere
    assert [f.id for f in world.look(id) if f.id not in irrelevant] == []


DEEP = {
    "uv": (
        "PF204",
        both(lambda world: world.program("uv"), declare('[tool.uv]\nrequired-version = ">=0.13"')),
        {"uv": "uv 0.11.2 (abc)"},
        {"uv": "uv 0.13.9"},
    ),
    "lock": ("PF202", write("uv.lock", LOCK), {}, {"uv": ""}),
    "executable": (
        "PF302",
        both(
            lambda world: world.program("ffmpeg"),
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
    world: World, id: str, arrange: Arrange, old: dict[str, str], new: dict[str, str]
) -> None:
    arrange(world)
    world.deep = True
    world.machine["printed"] = old
    assert {finding.state for finding in world.look(id)} <= {"warn", "error"}


@pytest.mark.parametrize(("id", "arrange", "old", "new"), DEEP.values(), ids=DEEP)
def test_deep_lets_pass_what_is_recent(
    world: World, id: str, arrange: Arrange, old: dict[str, str], new: dict[str, str]
) -> None:
    arrange(world)
    world.deep = True
    world.machine["printed"] = new
    assert [finding.state for finding in world.look(id)] == ["ok"]


RESOURCES = {
    "memory": ("PF501", '"64gb"'),
    "storage": ("PF503", '"900gb"'),
    "cpus": ("PF502", "64"),
}


def host_requirement(world: World, key: str, scope: str) -> list[str]:
    id, value = RESOURCES[key]
    text = f'{{ "hostRequirements": {{ "{key}": {value}, }} }} // comment'
    world.write(".devcontainer/devcontainer.json", text)
    world.scopes = (scope,)
    return [finding.state for finding in world.look(id)]


@pytest.mark.parametrize("scope", ["host", "container"])
@pytest.mark.parametrize("key", RESOURCES)
def test_what_the_dev_container_asks_of_its_host_is_checked(
    world: World, key: str, scope: str
) -> None:
    assert host_requirement(world, key, scope) == ["warn"]


@pytest.mark.parametrize("key", RESOURCES)
def test_tests_need_not_what_the_dev_container_asks(world: World, key: str) -> None:
    assert host_requirement(world, key, "test") == []


VALUES = {
    "int": ("8", "eight"),
    "bool": ("true", "maybe"),
    "url": ("postgresql+psycopg://db/x", "db:5432"),
    "path": ("/", "/nowhere/at/all"),
}


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("right", [True, False])
def test_a_variable_has_its_type(world: World, kind: str, right: bool) -> None:
    world.declare(f'[tool.preflight.environment]\nV = "{kind}"')
    world.environ["V"] = VALUES[kind][0 if right else 1]
    assert [finding.state for finding in world.look("PF206")] == ["ok" if right else "error"]


@pytest.mark.parametrize(("value", "state"), [("debug", "ok"), ("loud", "error")])
def test_an_enum_has_one_of_its_values(world: World, value: str, state: str) -> None:
    world.declare('[tool.preflight.environment]\nV = { type = "enum", values = ["debug", "info"] }')
    world.environ["V"] = value
    assert [finding.state for finding in world.look("PF206")] == [state]


def test_no_value_of_a_variable_is_shown(world: World) -> None:
    world.declare('[tool.preflight.environment]\nV = "int"')
    world.environ["V"] = "s3cret"
    assert "s3cret" not in str(world.look())


def test_an_optional_library_is_a_warning(world: World) -> None:
    world.declare("[tool.preflight.libraries]\nlibpcap = { optional = true }")
    assert [finding.state for finding in world.look("PF301")] == ["warn"]


def test_drift_from_the_lock_is_an_error_in_ci(world: World) -> None:
    installed("2.12.0")(world)
    world.scopes = ("ci",)
    assert [finding.state for finding in world.look("PF203")] == ["error"]


def test_a_moved_environment_is_the_one_of_the_host(world: World) -> None:
    environment(world)
    world.project = world.project.rename(world.project.parent / "workspace")
    assert [finding.state for finding in world.look("PF104")] == ["error"]
