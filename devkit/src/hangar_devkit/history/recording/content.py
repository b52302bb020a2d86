"""The content key of a test: a digest of everything that should decide its outcome.

Two runs of a test with the same key ran the same sources, dependencies, interpreter and
configuration; a different outcome then proves that the test is flaky. The key changes rather too
often than too rarely: a key that misses an input would call a regression flaky.
"""

import hashlib
import os
import re
import sys
from functools import cached_property
from pathlib import Path

from hangar_devkit.history.recording.environment import interpreter
from hangar_devkit.history.sources import Sources

_CONFIGURATION = frozenset({
    "pyproject.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "setup.cfg", "setup.py",
    "pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", ".env",
})  # fmt: skip
_VOLATILE = frozenset({
    "PATH", "HOME", "PWD", "OLDPWD", "TMPDIR", "TEMP", "TMP", "TERM", "COLUMNS", "LINES", "USER",
    "USERNAME", "HOSTNAME", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "SHLVL", "_", "CI",
})  # fmt: skip
_SKIPPED_DIRS = frozenset({"__pycache__", "node_modules", "build", "dist", "site"})
_MAX_FILES = 2000
_MAX_BYTES = 1_000_000


class ContentKeys(dict[str, str]):
    """Content keys of the tests in a file, by its path relative to the root.

    A key is computed at its first use, and is "" when it cannot be known.

    Args:
        root: The project's root.
        since: Start of the session; a file changed later makes the key unknown.
    """

    def __init__(self, root: Path, since: float) -> None:
        self._root = root
        self._prefix = f"{root}/"
        self._since = since
        self._sources = Sources(str(root))
        self._trees: dict[str, bytes] = {}

    def __missing__(self, path: str) -> str:
        """Compute the key of a file at its first use."""
        try:
            key = self._compute(path)
        except (OSError, ValueError):
            key = ""
        self[path] = key
        return key

    def _compute(self, path: str) -> str:
        reached = self._sources.closure(self._prefix + path)
        digest = hashlib.sha256(self._base)
        variables: set[str] = set()
        tops: set[str] = set()
        for name in sorted(reached):
            if os.stat(name).st_mtime > self._since:
                return ""
            relative = name[len(self._prefix) :]
            text = self._sources.text(name)
            digest.update(f"{relative}\0{len(text)}\0{text}".encode())
            variables.update(_variables(text))
            tops.add(relative.partition("/")[0])
        for variable in sorted(variables - _VOLATILE):
            digest.update(f"{variable}={os.environ.get(variable)}\0".encode())
        for top in sorted(tops):
            digest.update(self._data(top))
        return digest.hexdigest()[:16]

    @cached_property
    def _base(self) -> bytes:
        digest = hashlib.sha256(repr(sorted(interpreter().items())).encode())
        for name in sorted(os.listdir(self._root)):
            known = name in _CONFIGURATION
            known = known or (name.startswith("requirements") and name.endswith(".txt"))
            if known and (path := self._root / name).is_file():
                digest.update(name.encode() + b"\0" + path.read_bytes())
        digest.update("\n".join(installed()).encode())
        return digest.digest()

    def _data(self, top: str) -> bytes:
        """Digest the files other than Python sources under a top-level directory."""
        known = self._trees.get(top)
        if known is None:
            digest = hashlib.sha256()
            for name in self._data_files(self._root / top):
                digest.update(name.encode(errors="surrogateescape") + _digest_file(name))
            known = self._trees[top] = digest.digest()
        return known

    def _data_files(self, top: Path) -> list[str]:
        found: list[str] = []
        for directory, names, files in os.walk(top):
            names[:] = sorted(n for n in names if n not in _SKIPPED_DIRS and n[0] != ".")
            found.extend(
                f"{directory}/{name}"
                for name in sorted(files)
                if not name.endswith((".py", ".pyc", ".pyi", ".md", ".rst")) and name[0] != "."
            )
            if len(found) > _MAX_FILES:
                break
        return found


def _variables(text: str) -> set[str]:
    """Return the names of the environment variables that a source reads by a literal name."""
    if "environ" not in text and "getenv" not in text:
        return set()
    pattern = r"""(?:environ(?:\.get)?|getenv)\s*[\[(]\s*["'](\w+)["']"""
    return set(re.findall(pattern, text))


def _digest_file(name: str) -> bytes:
    path = Path(name)
    state = path.stat()
    if state.st_size > _MAX_BYTES:
        return f"{state.st_size}:{state.st_mtime_ns}".encode()
    return hashlib.sha256(path.read_bytes()).digest()


def installed() -> list[str]:
    """Return the installed distributions with their versions, as their directories are named."""
    found: set[str] = set()
    for entry in dict.fromkeys(sys.path):
        if entry.endswith(("-packages", "site-packages")):
            try:
                names = os.listdir(entry)
            except OSError:
                continue
            found.update(name for name in names if name.endswith((".dist-info", ".egg-info")))
    return sorted(found)
