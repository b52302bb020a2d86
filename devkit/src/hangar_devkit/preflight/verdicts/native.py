"""PF3xx: shared libraries, programs, raw sockets, packet capture and GPU."""

from __future__ import annotations

from hangar_devkit.preflight.facts import native as probes
from hangar_devkit.preflight.facts.engine import containers
from hangar_devkit.preflight.facts.resources import gpus
from hangar_devkit.preflight.verdicts import INSIDE, bad, check, install, ok, unknown
from hangar_devkit.preflight.versions import is_older
from hangar_devkit.preflight.versions import requirement as parse_requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration, Requirement
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

CAPTURE = "libpcap"
CAPTURE_USERS = ("scapy", "pypcap", "pcapy-ng", "pcap-ct", "libpcap", "python-libpcap")
NPCAP = "install Npcap from https://npcap.com/#download"
INSTALL_EACH = {
    "linux": "sudo apt-get install -y <package>, or dnf",
    "macos": "brew install <package>",
    "windows": "winget install <package>",
}


@check(
    "PF301",
    "Declared libraries load",
    why="A missing library only shows in the code that calls it, as a failed test or a crash.",
    fix=INSTALL_EACH,
    scopes=INSIDE,
    declared=True,
)
def libraries_load(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The dynamic linker loads each library of `[tool.preflight.libraries]`."""
    for library in declaration.libraries:
        if library.name == CAPTURE and facts.platform == "windows":
            continue  # Npcap replaces it: PF311 to PF313
        ending = probes.ENDINGS[facts.platform]
        names = tuple(name for name in library.sonames if ending in name)
        if not names:
            found = f"{library.name} has no soname for this platform (*{ending}*)"
            yield unknown(found, "add it to its soname in pyproject.toml", library.name)
            continue
        loaded = facts.of(probes.library, names, library.packages.get("brew", ()))
        if loaded:
            yield ok(f"{library.name}: {loaded}", library.name)
        else:
            yield _missing(f"{library.name} does not load ({', '.join(names)})", library, facts)


@check(
    "PF302",
    "Declared programs are installed",
    why="A missing program only shows in the code that runs it, as a failed test.",
    fix=INSTALL_EACH,
    scopes=INSIDE,
    declared=True,
)
def executables_are_installed(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Each of `[tool.preflight.executables]` is on `PATH`; with `--deep`, it is recent enough."""
    for program in declaration.executables:
        path = facts.of(probes.executable, program.name)
        if not path:
            yield _missing(f"{program.name} is not on PATH", program, facts)
        elif facts.deep and program.minimum:
            here = facts.of(probes.executable_version, path, program.flag)
            if is_older(here, program.minimum):
                found = f"{program.name} is {here}, the project requires {program.minimum}"
                yield _missing(found, program, facts)
            else:
                yield ok(f"{program.name} {here}", program.name)
        else:
            at_least = f" (--deep checks for {program.minimum})" if program.minimum else ""
            yield ok(f"{path}{at_least}", program.name)


@check(
    "PF310",
    "libpcap is declared for packet capture",
    why="Scapy filters with libpcap: without it `sniff(filter=...)` fails when called.",
    fix="add to [tool.preflight] in pyproject.toml: libraries.libpcap = true",
    level="warn",
    scopes=INSIDE,
    declared=True,
)
def capture_is_declared(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Where a dependency captures packets, libpcap is among the declared libraries."""
    names = {
        parse_requirement(text)[0]
        for text in declaration.dependencies + declaration.extra_dependencies
    }
    users = sorted(names.intersection(CAPTURE_USERS))
    if not users:
        return
    if any(library.name == CAPTURE for library in declaration.libraries):
        yield ok(f"{users[0]} has {CAPTURE}")
    else:
        yield bad(f"{users[0]} is a dependency, but {CAPTURE} is not declared")


@check(
    "PF311",
    "Npcap is installed",
    why="On Windows, packets are captured and sent through the Npcap driver.",
    fix=NPCAP,
    scopes=INSIDE,
    declared=True,
)
def npcap_is_installed(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """On Windows, with libpcap declared: Npcap is in `System32`, and its service is registered."""
    library = _capture(declaration)
    if not library or facts.platform != "windows":
        return
    found = facts.of(probes.npcap)
    if not found.folder:
        yield bad("Npcap is not installed", subject=CAPTURE, optional=library.optional)
    elif not found.service:
        yield bad(
            "the files of Npcap are installed, its service is not",
            "reinstall Npcap from https://npcap.com/#download",
            CAPTURE,
            optional=library.optional,
        )
    else:
        yield ok("Npcap", CAPTURE)


@check(
    "PF312",
    "Npcap is available to this user",
    why="Npcap for administrators only shows no interface to other users.",
    fix="start an elevated terminal, or reinstall Npcap without its administrator option",
    scopes=INSIDE,
    declared=True,
)
def npcap_is_open(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """On Windows, with Npcap: it is open to all users, or this one is an administrator."""
    library = _capture(declaration)
    if not library or facts.platform != "windows":
        return
    found = facts.of(probes.npcap)
    if not found.service:
        return
    if found.admin_only and not found.administrator:
        yield bad(
            "Npcap is for administrators only, and this terminal is not elevated",
            subject=CAPTURE,
            optional=library.optional,
        )
    else:
        yield ok("Npcap is open to this user", CAPTURE)


@check(
    "PF313",
    "WinPcap is not installed",
    why="WinPcap has had no release since 2013, fails on current Windows, and hides Npcap.",
    fix=f"uninstall WinPcap, then {NPCAP}",
    level="warn",
    scopes=INSIDE,
    declared=True,
)
def no_winpcap(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """On Windows, with libpcap declared: `System32` has no `wpcap.dll` without Npcap."""
    if not _capture(declaration) or facts.platform != "windows":
        return
    found = facts.of(probes.npcap)
    if found.legacy and not found.folder:
        yield bad("only the unmaintained WinPcap is installed", subject=CAPTURE)
    else:
        yield ok("no WinPcap", CAPTURE)


@check(
    "PF314",
    "Capture devices are readable",
    why="On macOS, packets come through /dev/bpf*, which only root may read by default.",
    fix="brew install --cask wireshark-chmodbpf",
    scopes=INSIDE,
    declared=True,
)
def capture_devices(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """On macOS, with libpcap declared: this user may read a `/dev/bpf*` device."""
    library = _capture(declaration)
    if not library or facts.platform != "macos":
        return
    devices = facts.of(probes.capture_devices)
    if any(devices.values()):
        yield ok(f"{len(devices)} devices", CAPTURE)
    else:
        yield bad("no /dev/bpf* is readable", subject=CAPTURE, optional=library.optional)


@check(
    "PF315",
    "Raw sockets available",
    why="Packets are sent and sniffed through raw sockets, whose error does not name its cause.",
    fix={
        "linux": "docker compose run --rm raw, or: sudo setcap cap_net_raw+ep <interpreter>",
        "macos": "run this one command with sudo",
        "windows": "start an elevated terminal",
    },
    scopes=INSIDE,
    declared=True,
)
def raw_sockets(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """With the capability `net_raw` declared: a raw socket opens.

    On Linux the cause is named: not in the bounding set, `no-new-privileges`, or neither root nor a
    file capability of the interpreter.
    """
    capability = next((c for c in declaration.capabilities if c.name == "net_raw"), None)
    if not capability:
        return
    found = facts.of(probes.raw_sockets)
    if not found.problem:
        yield ok("a raw socket opens", "net_raw")
        return
    reason, fix = found.problem, ""
    if facts.platform == "linux":
        reason, fix = _why(found, facts)
    yield bad(f"no raw socket: {reason}", fix, "net_raw", optional=capability.optional)


@check(
    "PF316",
    "GPU available",
    why="Without a device, libraries silently fall back to the CPU, or fail at first use.",
    fix={
        "linux": "install the driver; for containers also its toolkit, then: docker run --gpus all",
        "macos": "none: only Apple silicon has a GPU that Python libraries use",
        "windows": "install the driver from the maker of the GPU",
    },
    scopes=INSIDE,
    declared=True,
)
def gpu(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """With the capability `gpu` declared: a GPU device exists."""
    capability = next((c for c in declaration.capabilities if c.name == "gpu"), None)
    if not capability:
        return
    devices = facts.of(gpus)
    if devices:
        yield ok(", ".join(devices), "gpu")
    else:
        yield bad("no GPU device", subject="gpu", optional=capability.optional)


def _why(found: probes.RawSockets, facts: Facts) -> tuple[str, str]:
    """Return why a raw socket does not open on Linux, and the fix."""
    inside = bool(facts.of(probes.container))
    service = "docker run --user root --cap-add NET_RAW ..."
    if facts.of(containers).compose:
        service = "docker compose run --rm raw"
    if found.bounded:
        where = "this container" if inside else "this session"
        return f"{where} was started without CAP_NET_RAW, so no process in it can have it", service
    if found.file_capability and found.no_new_privileges:
        return "no-new-privileges cancels the interpreter's file capability", service
    if found.root:
        return f"{found.problem}, even for root (a user namespace, or a security module)", service
    reason = "not root, and the interpreter has no file capability"
    if inside:
        return reason, service
    return reason, 'sudo setcap cap_net_raw+ep "$(readlink -f .venv/bin/python)"'


def _capture(declaration: Declaration) -> Requirement | None:
    return next((library for library in declaration.libraries if library.name == CAPTURE), None)


def _missing(found: str, requirement: Requirement, facts: Facts) -> Verdict:
    fix = install(requirement, facts)
    return bad(found, fix, requirement.name, optional=requirement.optional)
