"""The machine that is looked at: the only door between the probes and the world outside."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False  # `typing` is not imported for its constant: this runs before every test.
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLATFORMS = ("linux", "macos", "windows")
TIMEOUT = 0.25  # seconds an engine may take to answer; a local socket needs a hundredth


class Machine:
    """A platform, a file-system root, an environment and a project: real, or faked by a test.

    Paths that the operating system fixes (``/proc/meminfo``) go through :meth:`system`, so that a
    test can put a tree of its own in their place. What is no file is a method or an attribute that
    a test replaces in a subclass.

    Args:
        project: Directory of the project's ``pyproject.toml``.
        platform: One of :data:`PLATFORMS`; that of this interpreter when empty.
        root: Directory that stands for ``/``; the real one when empty.
        environ: Environment variables; those of this process when ``None``.
        environment: Directory of the project's virtual environment; when empty, what
            ``UV_PROJECT_ENVIRONMENT`` says, else ``.venv``.
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
        """Where a path that the operating system fixes lies: under the root."""
        if not self.root:
            return path
        return os.path.join(self.root, path.replace(":", "").lstrip("/"))

    def inside(self, *parts: str) -> str:
        """A path in the project."""
        return os.path.join(self.project, *parts)

    def can_read(self, path: str) -> bool:
        """Whether this user may read a file."""
        return os.access(path, os.R_OK)

    def can_write(self, path: str) -> bool:
        """Whether this user may write a file, or make files in a folder."""
        return os.access(path, os.W_OK)

    def which(self, name: str) -> str:
        """The path of an executable on ``PATH``, or an empty string."""
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
        """Whether the dynamic linker finds and loads a shared library."""
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
        """Why a raw socket cannot be opened; empty when it can."""
        import _socket  # `socket` builds enumerations for 5 ms that nothing here needs

        try:
            _socket.socket(_socket.AF_INET, _socket.SOCK_RAW, 1).close()
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def port_is_free(self, port: int) -> bool:
        """Whether a service could listen on a TCP port of the loopback interface."""
        import _socket

        probe = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        try:
            if self.platform != "windows":  # there, the option would allow two listeners
                probe.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        finally:
            probe.close()
        return True

    def ask(self, address: str, path: str) -> str:
        """The body of an HTTP GET over a Unix socket, a named pipe or TCP.

        Raises:
            OSError: Nobody listens there, or this user may not connect.
        """
        request = f"GET {path} HTTP/1.0\r\nHost: engine\r\n\r\n".encode()
        if address.startswith("npipe:"):
            with open(address[len("npipe:") :], "r+b", buffering=0) as pipe:
                pipe.write(request)
                answer = pipe.read(65536) or b""
        else:
            answer = _exchange(address, request)
        return answer.decode("utf-8", "replace").partition("\r\n\r\n")[2]

    def registry(self, key: str, name: str) -> object:
        """A value under ``HKEY_LOCAL_MACHINE``, or ``None`` where there is no such value."""
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
        """Whether this process has the rights of root, or of an elevated Windows session."""
        if sys.platform == "win32":
            import ctypes

            return bool(ctypes.windll.shell32.IsUserAnAdmin())
        return self.uid == 0

    def file_capability(self, path: str) -> bool:
        """Whether a file carries Linux capabilities."""
        try:
            return bool(os.getxattr(os.path.realpath(path), "security.capability"))  # type: ignore[attr-defined,unused-ignore]
        except (AttributeError, OSError):
            return False

    def memory(self) -> int:
        """Physical memory in bytes."""
        if sys.platform == "win32":
            import ctypes

            kilobytes = ctypes.c_ulonglong()
            ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
            return kilobytes.value * 1024
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

    def cpus(self) -> int:
        """Processors this process may use."""
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1

    def disk_free(self, path: str) -> int:
        """Bytes this user may still write on the file system of a path."""
        if sys.platform == "win32":
            import shutil

            return shutil.disk_usage(path).free
        stat = os.statvfs(path)
        return stat.f_bavail * stat.f_frsize

    def open_files(self) -> int:
        """How many files one process may have open; 0 where the platform sets no such limit."""
        if sys.platform == "win32":
            return 0
        import resource

        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]

    def run(self, command: Sequence[str], timeout: float = 10) -> str:
        """What a command prints; only ``--deep`` and ``--fix`` start any.

        Raises:
            OSError: It could not be started, took too many seconds, or failed.
        """
        import subprocess

        try:
            done = subprocess.run(
                command,
                cwd=self.project,
                env=dict(self.environ),
                capture_output=True,
                text=True,
                timeout=timeout,
                check=True,
            )
        except subprocess.SubprocessError as error:
            detail = getattr(error, "stderr", "") or ""
            raise OSError(f"`{' '.join(command)}`: {detail.strip() or error}") from error
        return done.stdout or done.stderr


def read(path: str) -> str:
    """The text of a file; bytes that are no UTF-8 are replaced.

    Raises:
        OSError: The file cannot be read.
    """
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def read_or(path: str, otherwise: str = "") -> str:
    """The text of a file, or something else where there is no such file."""
    try:
        return read(path)
    except (FileNotFoundError, NotADirectoryError):
        return otherwise


def _platform() -> str:
    return {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")


def _windows_arch(environ: Mapping[str, str]) -> str:
    return environ.get("PROCESSOR_ARCHITECTURE", "")


def _exchange(address: str, request: bytes) -> bytes:
    import _socket

    if address.startswith("tcp://"):
        host, _, port = address[len("tcp://") :].partition(":")
        link = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        target: str | tuple[str, int] = (host, int(port or 2375))
    else:
        link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        target = address
    try:
        link.settimeout(TIMEOUT)
        link.connect(target)
        link.sendall(request)
        parts: list[bytes] = []
        while True:
            part = link.recv(65536)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        link.close()
