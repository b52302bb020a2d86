"""The machine under test: the only way from the probes to the operating system."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

TYPE_CHECKING = False  # `typing` is not imported for it: this runs before every test session
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLATFORMS = ("linux", "macos", "windows")
TIMEOUT = 0.25  # seconds that an engine may take to answer; a local socket takes a hundredth


class Machine:
    """A platform, a file-system root, an environment and a project: real, or faked by a test.

    Paths of the operating system (``/proc/meminfo``) go through :meth:`system`, so that a test can
    replace the tree. All else is a method or an attribute that a test replaces in a subclass.

    Args:
        project: Directory of the project's ``pyproject.toml``.
        platform: One of :data:`PLATFORMS`; that of this interpreter when empty.
        root: Directory that replaces ``/``; the real one when empty.
        environ: Environment variables; those of this process when ``None``.
        environment: Directory of the project's virtual environment; when empty, that
            of ``UV_PROJECT_ENVIRONMENT``, else ``.venv``.
    """

    def __init__(
        self,
        project: str,
        *,
        platform: str = "",
        root: str = "",
        environ: Mapping[str, str] | None = None,
        environment: str = "",
    ) -> None:
        self.project = os.path.abspath(project)
        self.platform = platform or _platform()
        self.root = root
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.home = self.environ.get("HOME") or self.environ.get("USERPROFILE") or ""
        self.environment = os.path.join(
            self.project, environment or self.environ.get("UV_PROJECT_ENVIRONMENT") or ".venv"
        )
        self.interpreter = sys.executable
        self.python = tuple(sys.version_info[:3])
        self.bits = 64 if sys.maxsize > 2**32 else 32
        self.gil = bool(getattr(sys, "_is_gil_enabled", lambda: True)())
        self.uid: int | None = os.getuid() if hasattr(os, "getuid") else None
        self.arch = os.uname().machine if hasattr(os, "uname") else _windows_arch(self.environ)
        self.now = time.time()

    def system(self, path: str) -> str:
        """Return a path of the operating system, below the root."""
        if not self.root:
            return path
        return os.path.join(self.root, path.replace(":", "").lstrip("/"))

    def inside(self, *parts: str) -> str:
        """Return a path in the project."""
        return os.path.join(self.project, *parts)

    def can_read(self, path: str) -> bool:
        """Return whether this user may read a file."""
        return os.access(path, os.R_OK)

    def can_write(self, path: str) -> bool:
        """Return whether this user may write a file, or create files in a directory."""
        return os.access(path, os.W_OK)

    def which(self, name: str) -> str:
        """Return the path of an executable on ``PATH``, or an empty string."""
        endings = [""]
        if self.platform == "windows":
            endings = self.environ.get("PATHEXT", ".EXE;.CMD;.BAT").lower().split(";")
        for folder in self.environ.get("PATH", "").split(os.pathsep):
            for ending in endings:
                path = os.path.join(folder, name + ending)
                if folder and os.path.isfile(path) and os.access(path, os.X_OK):
                    return path
        return ""

    def loads(self, library: str) -> bool:
        """Return whether the dynamic linker finds and loads a shared library."""
        try:
            if sys.platform == "win32":
                import ctypes

                ctypes.CDLL(library)
            else:
                import _ctypes  # what `ctypes` itself calls, without its 3 ms of types

                _ctypes.dlopen(library, os.RTLD_NOW)
        except OSError:
            return False
        return True

    def raw_socket(self) -> str:
        """Return why a raw socket cannot be opened; empty when it can."""
        import socket

        try:
            socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def port_problem(self, port: int) -> str:
        """Return why a service could not listen on a TCP port of the loopback interface.

        Returns:
            An empty string where it could; "in use"; "not permitted" where this user may not, and
            nothing listens.
        """
        import errno
        import socket

        families = [(socket.AF_INET, "127.0.0.1")]
        if socket.has_ipv6:
            families.append((socket.AF_INET6, "::1"))
        refused = False
        for family, host in families:
            with suppress(OSError), socket.socket(family) as probe:
                try:
                    if self.platform != "windows":  # there, the option would allow two listeners
                        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((host, port))
                except OSError as error:
                    if error.errno == errno.EADDRINUSE or _connects(family, host, port):
                        return "in use"
                    # A machine without IPv6 has no such address, which is no problem.
                    refused |= error.errno in (errno.EACCES, errno.EPERM)
        return "not permitted" if refused else ""

    def ask(self, address: str, path: str) -> str:
        """Return the body of an HTTP GET over a Unix socket, a named pipe or TCP.

        Raises:
            OSError: Nobody listens there, or this user may not connect.
        """
        return self._get(address, path)[1]

    def server(self, address: str) -> str:
        """Return what an engine calls itself, such as `Libpod/4.3.1 (linux)`.

        Raises:
            OSError: As `ask`.
        """
        for line in self._get(address, "/_ping")[0].splitlines():
            name, _, value = line.partition(":")
            if name.lower() == "server":
                return value.strip()
        return ""

    def _get(self, address: str, path: str) -> tuple[str, str]:
        """Return head and body of the answer to an HTTP GET."""
        # `http.client` would do the same, for 20 ms of imports.
        request = f"GET {path} HTTP/1.0\r\nHost: engine\r\n\r\n".encode()
        if address.startswith("npipe:"):
            with open(address[len("npipe:") :], "r+b", buffering=0) as pipe:
                pipe.write(request)
                answer = pipe.read(65536) or b""
        else:
            answer = _exchange(address, request)
        head, _, body = answer.decode("utf-8", "replace").partition("\r\n\r\n")
        return head, body

    def registry(self, key: str, name: str) -> object:
        """Return a value under ``HKEY_LOCAL_MACHINE``, or ``None`` where it does not exist."""
        if sys.platform != "win32":
            return None
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as handle:
                value: object = winreg.QueryValueEx(handle, name)[0]
                return value
        except OSError:
            return None

    def is_administrator(self) -> bool:
        """Return whether this process has the rights of root, or of an elevated Windows session."""
        if sys.platform == "win32":
            import ctypes

            return bool(ctypes.windll.shell32.IsUserAnAdmin())
        return self.uid == 0

    def file_capability(self, path: str) -> bool:
        """Return whether a file carries Linux capabilities."""
        try:
            return bool(os.getxattr(os.path.realpath(path), "security.capability"))  # type: ignore[attr-defined,unused-ignore]
        except (AttributeError, OSError):
            return False

    def memory(self) -> int:
        """Return the physical memory in bytes."""
        if sys.platform == "win32":
            import ctypes

            kilobytes = ctypes.c_ulonglong()
            ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
            return kilobytes.value * 1024
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

    def cpus(self) -> int:
        """Return the number of CPUs that this process may use."""
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1

    def disk_free(self, path: str) -> int:
        """Return the free bytes for this user on the file system of a path."""
        if sys.platform == "win32":
            import shutil

            return shutil.disk_usage(path).free
        stat = os.statvfs(path)
        return stat.f_bavail * stat.f_frsize

    def open_files(self) -> int:
        """Return the limit of open files for a process; 0 where the platform has none."""
        if sys.platform == "win32":
            return 0
        import resource

        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]

    def run(self, command: Sequence[str], timeout: float = 10) -> str:
        """Return the output of a command.

        Only ``--deep``, ``--fix``, ``install`` and what no file shows run any, such as the
        settings of git with includes.

        Raises:
            OSError: It could not be started, failed, or exceeded the timeout in seconds.
        """
        import subprocess

        try:
            done = subprocess.run(
                command,
                cwd=self.project,
                env=dict(self.environ),
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=timeout,
                check=True,
            )
        except subprocess.SubprocessError as error:
            detail = getattr(error, "stderr", "") or ""
            raise OSError(f"`{' '.join(command)}`: {detail.strip() or error}") from error
        return done.stdout or done.stderr


def read(path: str) -> str:
    """Return the text of a file; replace bytes that are not valid UTF-8.

    Raises:
        OSError: The file cannot be read.
    """
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def read_or(path: str, default: str = "") -> str:
    """Return the text of a file, or a default where the file does not exist."""
    try:
        return read(path)
    except (FileNotFoundError, NotADirectoryError):
        return default


def _platform() -> str:
    return {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")


def _windows_arch(environ: Mapping[str, str]) -> str:
    return environ.get("PROCESSOR_ARCHITECTURE", "")


def _connects(family: int, host: str, port: int) -> bool:
    """Return whether something listens on a port, for a user who may not bind it."""
    import socket

    with socket.socket(family) as link:
        link.settimeout(TIMEOUT)
        return link.connect_ex((host, port)) == 0


def _exchange(address: str, request: bytes) -> bytes:
    import socket

    if address.startswith("tcp://"):
        place = address[len("tcp://") :].rstrip("/")
        host, _, port = place.rpartition(":")
        if not port.isdigit():
            host, port = place, "2375"
        link = socket.create_connection((host.strip("[]"), int(port)), TIMEOUT)
    elif sys.platform == "win32":
        raise OSError(f"no Unix sockets on Windows: {address}")
    else:
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(TIMEOUT)
    with link:
        if not address.startswith("tcp://"):
            link.connect(address)
        link.sendall(request)
        with link.makefile("rb") as answer:
            return answer.read()
