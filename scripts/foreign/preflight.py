"""Every check of the preflight under real conditions: one where it passes, one where it fails.

Each condition is a shell script that runs in a copy of a locked project and ends in the preflight:
real files, variables, limits, ports, containers and control groups, no fakes.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hangar_devkit.preflight.catalogue import CHECKS
from tests.support.render import by_api
from tests.support.template import ROOT, snapshot

PAGE = Path("docs/reference/foreign/preflight.md")
IMAGE = "python:3.13-slim-trixie"
IMAGE_32 = "python:3.11-slim-bookworm"  # for the packages of 32 bits
HEAD = f"""\
# Checks under real conditions

`nox -s foreign -- preflight` writes this page. It provokes each check of the preflight in a copy of
a default project, on Linux with Docker and Podman: once so that it passes, once so that it fails.
Containers are of `{IMAGE}`; exFAT and the share over SSH are mounted by
FUSE. What this machine cannot provoke is tested with a fake machine only, and has a dash.

| Check | Passes | Verdict | Fails | Verdict |
| --- | --- | --- | --- | --- |
"""
SHOWN = {"warn": "warning"}


class Condition(NamedTuple):
    """A condition in words and as a script; without a script the words say why it is not here."""

    words: str
    script: str | None = ""


class Case(NamedTuple):
    """The two conditions of a check, and the scope that it is run in."""

    good: Condition
    bad: Condition
    scope: str = "test"


def declared(text: str) -> str:
    """Return a script that adds to the declaration."""
    return f"sed -i '/^\\[tool.preflight\\]/a {text}' pyproject.toml"


def inside(*options: str, before: str = "true") -> str:
    """Return a script that runs the preflight in a container."""
    mounts = '-v "$PWD":/project -v "$SOURCES":/sources:ro -e PYTHONPATH=/sources -w /project'
    run = f"docker run --rm {' '.join(options)} {mounts} {IMAGE} python -m hangar_devkit"
    return f'{before}; exec {run} "${{@:4}}"'


def without(plugin: str) -> str:
    """Return a script that hides a plugin of the docker client."""
    hide = (
        "for d in /usr/lib/docker/cli-plugins /usr/libexec/docker/cli-plugins "
        "/usr/local/lib/docker/cli-plugins /usr/local/libexec/docker/cli-plugins; do "
        f"if [ -e $d/docker-{plugin} ]; then mount -t tmpfs none $d; fi; done"
    )
    return f'exec unshare --mount bash -c \'{hide}; exec "$@"\' sh "$@"'


def bits32() -> str:
    """Return a script that runs the preflight by a Python of 32 bits, from Debian's packages."""
    names = ("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib")
    packages = " ".join(f"{name}:i386" for name in names)
    prepare = (
        "dpkg --add-architecture i386; apt-get -qq update; cd /tmp; "
        "apt-get -qq install --no-install-recommends libc6:i386 zlib1g:i386 libexpat1:i386; "
        f"apt-get -qq download {packages}; "
        "for each in *.deb; do dpkg -x $each /i386; done; cd /project"
    )
    python = "PYTHONHOME=/i386/usr exec /i386/usr/bin/python3.11 -m hangar_devkit"
    mounts = '-v "$PWD":/project -v "$SOURCES":/sources:ro -e PYTHONPATH=/sources'
    shell = f'{{ {prepare}; }} >/dev/null 2>&1; {python} "$@"'
    return f"exec docker run --rm {mounts} {IMAGE_32} bash -c '{shell}' bash \"${{@:4}}\""


def mounted(command: str, after: str = "") -> str:
    """Return a script that works in a directory below which a command mounts a file system."""
    leave = "cd /; umount $at"
    return f'at=$PWD-mounted; mkdir $at; {command}; trap "{leave}" EXIT; {after or "true"}; cd $at'


PLAIN = Condition("the project as it is")
NO_WINDOWS = Condition("not here: Windows", None)
NO_MACOS = Condition("not here: macOS", None)
GIT = "export HOME=$PWD/home GIT_CONFIG_NOSYSTEM=1; unset GIT_CONFIG_GLOBAL; git init -q"
NAMED = "export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=a"
MAILED = "GIT_CONFIG_KEY_1=user.email GIT_CONFIG_VALUE_1=a@example.com"
HOOKED = "git init -q; git config core.hooksPath tools/hooks"
PODMAN = (
    "podman system service --time=20 unix://$PWD/podman.sock & "
    "export DOCKER_HOST=unix://$PWD/podman.sock; for i in {1..50}; do "
    "[ -S podman.sock ] && break; sleep 0.1; done; podman --url unix://$PWD/podman.sock version >x"
)
LISTEN = "python3 -m http.server 48123 >/dev/null 2>&1 & trap 'kill %1' EXIT; sleep 2"
PORT = declared("ports.web = 48123")
SCAPY = 'sed -i \'s/"typer>=0.15",/"typer>=0.15", "scapy",/\' pyproject.toml'
GPU = declared("capabilities.gpu = true")
# One less than the preflight requires, for a second: as root alone.
FEW_INSTANCES = (
    "was=$(sysctl -n fs.inotify.max_user_instances); sysctl -qw fs.inotify.max_user_instances=127; "
    "trap 'sysctl -qw fs.inotify.max_user_instances=$was' EXIT"
)
EXFAT = mounted(
    "truncate -s 64M disk; mkfs.exfat disk >disk.log; device=$(losetup --find --show disk); "
    "mount.exfat-fuse $device $at >disk.log 2>&1",
    "losetup --detach $device; cp -r pyproject.toml uv.lock tools $at",
)
SSHFS = mounted(
    "printf '#!/bin/sh\\nexec /usr/lib/openssh/sftp-server\\n' >sftp; chmod +x sftp; "
    "sshfs -o ssh_command=$PWD/sftp share:$PWD $at"
)
IMAGE_311 = "sed -i 's/^ARG PYTHON_VERSION=.*/ARG PYTHON_VERSION=3.11/' Dockerfile"
TOO_NEW = "sed -i 's/>=3.11/>=3.99/' pyproject.toml"
VERSION = "sed -i 's/^version = .*/version = \"9.9\"/' pyproject.toml"
CASES = {
    "PF101": Case(PLAIN, Condition("requires-python is >=3.99", TOO_NEW)),
    "PF102": Case(PLAIN, Condition("Python of 32 bits", bits32())),
    "PF103": Case(Condition("after `uv venv`", "uv venv -q"), Condition("no environment")),
    "PF104": Case(
        Condition("after `uv venv`", "uv venv -q"),
        Condition("the directory was moved", 'uv venv -q; mv "$PWD" "$PWD-moved"; cd "$PWD-moved"'),
    ),
    "PF105": Case(
        Condition("after `uv venv`", "uv venv -q"),
        Condition(
            "requires-python was raised",
            "uv venv -q --python 3.11; sed -i 's/>=3.11/>=3.12/' pyproject.toml",
        ),
    ),
    "PF106": Case(
        Condition("the project's is active", 'uv venv -q; export VIRTUAL_ENV="$PWD/.venv"'),
        Condition("another is active", "export VIRTUAL_ENV=/another"),
    ),
    "PF107": Case(
        Condition("both 3.11", f"{IMAGE_311}; uv venv -q --python 3.11"),
        Condition("3.11, images of 3.13", "uv venv -q --python 3.11"),
    ),
    "PF201": Case(PLAIN, Condition("no lock", "rm uv.lock")),
    "PF202": Case(
        PLAIN,
        Condition("another version", VERSION),
    ),
    "PF203": Case(
        Condition("after `uv sync`", "uv sync -q --no-dev"),
        Condition("a package was uninstalled", "uv sync -q --no-dev; uv pip uninstall -q typer"),
    ),
    "PF204": Case(PLAIN, Condition("uv is not on PATH", "export PATH=/usr/bin:/bin")),
    "PF205": Case(Condition("a copy", "cp .env.example .env"), Condition("no `.env`")),
    "PF206": Case(
        Condition("a whole number", declared('environment.WORKERS = "int"') + "; export WORKERS=8"),
        Condition("a word", declared('environment.WORKERS = "int"') + "; export WORKERS=many"),
    ),
    "PF207": Case(
        Condition("a value", "echo TOKEN=k9 >.env"),
        Condition("changeme", "echo TOKEN=changeme >.env"),
    ),
    "PF208": Case(
        Condition("in the group test", "uv add -q --group test pytest-mock"),
        Condition("`uv add --dev`", "uv add -q --dev pytest-mock"),
    ),
    "PF301": Case(
        Condition("libc is declared", declared('libraries.c = { soname = "libc.so.6" }')),
        Condition("a missing one", declared('libraries.x = { soname = "libmissing.so.9" }')),
    ),
    "PF302": Case(PLAIN, Condition("git is not on PATH", "export PATH=/nowhere")),
    "PF310": Case(
        Condition(
            "scapy, and libpcap is declared",
            'sed -i \'s/"typer>=0.15",/"typer>=0.15", "scapy",/\' pyproject.toml; '
            + declared("libraries.libpcap = true"),
        ),
        Condition(
            "scapy alone", 'sed -i \'s/"typer>=0.15",/"typer>=0.15", "scapy",/\' pyproject.toml'
        ),
    ),
    "PF311": Case(NO_WINDOWS, NO_WINDOWS),
    "PF312": Case(NO_WINDOWS, NO_WINDOWS),
    "PF313": Case(NO_WINDOWS, NO_WINDOWS),
    "PF314": Case(NO_MACOS, NO_MACOS),
    "PF315": Case(
        Condition("root", inside(before=declared("capabilities.net_raw = true"))),
        Condition(
            "container without NET_RAW",
            inside("--cap-drop=NET_RAW", before=declared("capabilities.net_raw = true")),
        ),
    ),
    "PF316": Case(
        Condition("not here: a GPU", None),
        Condition("declared", declared("capabilities.gpu = true")),
    ),
    "PF401": Case(
        Condition("Docker"),
        Condition("nothing listens", "export DOCKER_HOST=tcp://127.0.0.1:9"),
        "host",
    ),
    "PF402": Case(Condition("Podman 4.3.1", PODMAN), Condition("Docker 20.10"), "host"),
    "PF403": Case(Condition("Docker of root"), Condition("not here: rootless", None), "host"),
    "PF404": Case(Condition("Compose"), Condition("no plugin", without("compose")), "host"),
    "PF405": Case(Condition("Buildx"), Condition("no plugin", without("buildx")), "host"),
    "PF406": Case(
        PLAIN,
        Condition("arm64 is chosen", "export DOCKER_DEFAULT_PLATFORM=linux/arm64"),
        "host",
    ),
    "PF407": Case(
        Condition("the owner", inside()),
        Condition("user 4242", inside("--user=4242", before="chmod -R go-w .")),
        "container",
    ),
    "PF408": Case(
        Condition("root", inside()),
        Condition("user 4242 without a home", inside("--user=4242", "-e HOME=/root")),
        "container",
    ),
    "PF409": Case(
        Condition("root", inside()),
        Condition("user 4242", inside("--user=4242", before="chmod -R go-w .")),
        "container",
    ),
    "PF410": Case(
        Condition("not here: SELinux", None), Condition("not here: SELinux", None), "host"
    ),
    "PF501": Case(
        Condition("container", inside()),
        Condition("container with 512 MB", inside("--memory=512m")),
        "container",
    ),
    "PF502": Case(
        Condition("container", inside()),
        Condition("container with half a CPU", inside("--cpus=0.5")),
        "container",
    ),
    "PF503": Case(
        Condition("1 GB", declared('resources.disk = "1 GB"')),
        Condition("900 TB", declared('resources.disk = "900 TB"')),
    ),
    "PF504": Case(
        Condition("nothing listens", PORT), Condition("a server listens", f"{PORT}; {LISTEN}")
    ),
    "PF505": Case(PLAIN, Condition("127 instances", FEW_INSTANCES), "host"),
    "PF506": Case(Condition("2048", "ulimit -n 2048"), Condition("256", "ulimit -n 256")),
    "PF601": Case(
        Condition("settings in variables", f"{GIT}; {NAMED} {MAILED}"),
        Condition("no settings", GIT),
    ),
    "PF602": Case(Condition("core.hooksPath", HOOKED), Condition("no hook", "git init -q")),
    "PF603": Case(
        Condition("core.hooksPath", HOOKED),
        Condition("not executable", f"{HOOKED}; chmod -x tools/hooks/*"),
    ),
    "PF604": Case(PLAIN, Condition("CR LF", "sed -i 's/$/\\r/' tools/container/as-owner")),
    "PF605": Case(PLAIN, Condition("exFAT", EXFAT)),
    "PF606": Case(PLAIN, Condition("a share over SSH", SSHFS)),
    "PF607": Case(
        Condition("made today", "touch .cruft.json"),
        Condition("400 days ago", "touch -d '400 days ago' .cruft.json"),
        "host",
    ),
    "PF608": Case(PLAIN, Condition("a rejected part", "touch tools/ruff.toml.rej")),
    "PF609": Case(PLAIN, Condition("no wheel", "rm tools/*.whl")),
    "PF610": Case(
        Condition(
            "a linked worktree",
            "git init -q main; git -C main -c user.name=a -c user.email=a@b.c commit -q "
            "--allow-empty -m a; git -C main worktree add -q ../wt; mv wt/.git .",
        ),
        Condition("its repository was moved", "echo gitdir: /nowhere >.git"),
    ),
    "PF611": Case(
        Condition("the owner's", "chmod -R o-w ."),
        Condition("a hook is writable by all", "chmod o+w tools/hooks/pre-commit"),
        "host",
    ),
    "PF701": Case(
        Condition("one spelling", "export http_proxy=http://proxy:3128; unset HTTP_PROXY"),
        Condition("two values", "export http_proxy=http://a:1 HTTP_PROXY=http://b:1"),
    ),
    "PF702": Case(
        Condition("localhost excluded", "export http_proxy=http://a:1 no_proxy=localhost"),
        Condition("not excluded", "export http_proxy=http://a:1 no_proxy= NO_PROXY="),
    ),
    "PF703": Case(PLAIN, Condition("a missing file", "export SSL_CERT_FILE=/nowhere.pem")),
    "PF704": Case(
        Condition("C.UTF-8", "export LC_ALL=C.UTF-8"),
        Condition("ISO-8859-1", "export LC_ALL=en_US.ISO-8859-1"),
    ),
    "PF705": Case(PLAIN, Condition("a file of tomorrow", "touch -d tomorrow uv.lock")),
}


def main(arguments: Sequence[str]) -> int:
    """Write the page, or show some checks; return 0 if every verdict is as expected.

    Args:
        arguments: IDs of checks; all when empty.
    """
    known = [check.id for check in CHECKS]
    if missing := set(known) ^ set(CASES):
        print(f"error: no case for {', '.join(sorted(missing))}", file=sys.stderr)
        return 2
    rows, failed = [], []
    with tempfile.TemporaryDirectory() as name:
        project = lock(Path(name))
        for id in arguments or known:
            case = CASES[id]
            seen = [provoke(project, id, each, case.scope) for each in case[:2]]
            states = [state.rpartition(" ")[2] for state in seen]
            if states[0] not in ("ok", "-") or states[1] not in ("error", "warning", "-"):
                failed.append(f"{id}: {seen}")
            cells = (id, case.good.words, seen[0], case.bad.words, seen[1])
            rows.append(f"| {' | '.join(cells)} |")
    if arguments:
        print("\n".join(rows))
    else:
        PAGE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    print("\n".join(failed), file=sys.stderr)
    return int(bool(failed))


def lock(directory: Path) -> Path:
    """Render a default project, and lock it."""
    template = directory / "template"
    template.mkdir()
    project = by_api(snapshot(template), directory, {})
    subprocess.run(["uv", "lock", "--quiet"], cwd=project, check=True)
    return project


def provoke(project: Path, id: str, condition: Condition, scope: str) -> str:
    """Return the state of a check under a condition; a dash where it is not provoked."""
    if condition.script is None:
        return "-"
    with tempfile.TemporaryDirectory() as name:
        place = Path(shutil.copytree(project, Path(name, "project")))
        sources = str(ROOT / "devkit/src")
        only = (f"--only={id}", f"--scope={scope}", "--format=json")
        script = f'{condition.script or "true"}\n"$@"'
        words = (sys.executable, "-m", "hangar_devkit", "preflight", *only)
        environment = os.environ | {"PYTHONPATH": sources, "SOURCES": sources, "CI": ""}
        environment.pop("VIRTUAL_ENV", None)
        done = subprocess.run(
            ["bash", "-c", script, "bash", *words],
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        findings = json.loads(done.stdout)["findings"]
    except ValueError:
        return (done.stderr or done.stdout).strip()[-200:].replace("\n", " ")
    states = {SHOWN.get(each["state"], each["state"]) for each in findings}
    return ", ".join(sorted(states)) or "silent"
