"""The content key of a test: digests of everything that should decide its outcome.

A key is `CODE.CONFIGURATION.DEPENDENCIES.MACHINE.VARIABLES`; the last is of the environment
variables that the code names. Two runs of a test with the same key ran the same sources and data
with the same configuration, dependencies, machine and options; a different outcome then proves that
the test is flaky. The key changes rather too often than too rarely: a key that misses an input
would call a regression flaky.
"""

import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from hangar_devkit.history.recording.session_facts import machine, save_facts
from hangar_devkit.history.sources import Sources

_CONFIGURATION = frozenset({
    "pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "pytest.toml", ".pytest.ini",
    ".pytest.toml", "tox.ini", "noxfile.py",
})  # fmt: skip
_LOCKS = frozenset({
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "pixi.lock",
})  # fmt: skip
_OF_THE_SESSION = frozenset({"PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "PYTEST_VERSION"})
_SKIPPED_DIRS = frozenset({"__pycache__", "node_modules", "build", "dist", "site"})
_CODE = (".py", ".pyi", ".pyc")
_MAX_FILES = 2000
_MAX_STATS = 20_000
_MAX_BYTES = 1_000_000


class ContentKeys(dict[str, str]):
    """Content keys of the tests in a file, by its path relative to the root.

    A key is computed at its first use, and is "" when it cannot be known.

    Args:
        root: The project's root.
        since: Start of the session; a file changed later makes the key unknown.
        invocation: Returns the options and plugins of the session by name; called when they are
            known, at the first key.
    """

    def __init__(
        self,
        root: Path,
        since: float,
        invocation: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._root = root
        self._prefix = f"{root}/"
        self._since = since
        self._invocation = invocation
        self._facts: dict[str, Mapping[str, str] | Sequence[str]] = {}
        self._sources = Sources(str(root))
        self._trees: dict[tuple[str, bool], bytes] = {}
        self._mentions: dict[str, frozenset[str]] = {}

    def __missing__(self, path: str) -> str:
        """Compute the key of a file at its first use."""
        try:
            key = self._compute(path)
        except Exception:  # noqa: BLE001 - tests replace `open` and `os` by doubles of any type
            key = ""
        self[path] = key
        return key

    def save_facts(self, store: Path) -> None:
        """Keep the facts behind the digests of this session beside the store.

        Raises:
            OSError: They cannot be written.
        """
        for digest, facts in self._facts.items():
            save_facts(store, digest, facts)

    def _compute(self, path: str) -> str:
        reached = self._sources.closure(self._prefix + path)
        digest = hashlib.sha256()
        variables: set[str] = set()
        tops: set[str] = set()
        mentioned: set[str] = set()
        for name in sorted(reached):
            if os.stat(name).st_mtime > self._since:
                return ""
            relative = name[len(self._prefix) :]
            text = self._sources.text(name)
            digest.update(f"{relative}\0{len(text)}\0{text}".encode())
            variables.update(_variables(text))
            tops.add(relative.partition("/")[0])
            mentioned |= self._mentioned(name, text)
        for top in sorted(tops):
            digest.update(self._data(top, code=False))
        for top in sorted(mentioned - tops):
            digest.update(self._data(top, code=True))
        named = hashlib.sha256()
        for variable in sorted(variables - _OF_THE_SESSION):
            value = os.environ.get(variable)
            named.update(f"{variable}={value}\0".encode(errors="surrogateescape"))
        code = digest.hexdigest()[:16]
        return ".".join((code, *self._base, self._machine, named.hexdigest()[:8]))

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The entries of the root that a source may name."""
        return tuple(
            name
            for name in sorted(os.listdir(self._root))
            if len(name) > 2 and name[0] != "." and name not in _SKIPPED_DIRS
        )

    def _mentioned(self, path: str, text: str) -> frozenset[str]:
        """Return the entries of the root whose names a source contains: it may read them."""
        known = self._mentions.get(path)
        if known is None:
            known = self._mentions[path] = frozenset(name for name in self._names if name in text)
        return known

    @cached_property
    def _base(self) -> tuple[str, str]:
        """The digests of configuration and dependencies."""
        configuration, locks = hashlib.sha256(), hashlib.sha256()
        for name in sorted(os.listdir(self._root)):
            is_lock = name in _LOCKS or (name.startswith("requirements") and name.endswith(".txt"))
            if is_lock or name in _CONFIGURATION:
                path = self._root / name
                if path.is_file():
                    digest = locks if is_lock else configuration
                    digest.update(name.encode() + b"\0" + path.read_bytes())
        distributions = installed()
        locks.update("\n".join(distributions).encode())
        dependencies = locks.hexdigest()[:8]
        self._facts[dependencies] = distributions
        return configuration.hexdigest()[:8], dependencies

    @cached_property
    def _machine(self) -> str:
        """The digest of the machine, its environment and the options."""
        facts = machine(self._root, self._invocation())
        text = repr(sorted(facts.items()))
        digest = hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:8]
        self._facts[digest] = facts
        return digest

    def _data(self, top: str, *, code: bool) -> bytes:
        """Digest the files under an entry of the root; Python sources only with `code`."""
        known = self._trees.get((top, code))
        if known is None:
            digest = hashlib.sha256()
            for number, name in enumerate(self._data_files(f"{self._root}/{top}", code=code)):
                content = _digest_file(name, stat_only=number >= _MAX_FILES)
                digest.update(name[len(self._prefix) :].encode(errors="surrogateescape") + content)
            known = self._trees[top, code] = digest.digest()
        return known

    def _data_files(self, top: str, *, code: bool) -> list[str]:
        if code and os.path.isfile(top):
            return [top]
        found: list[str] = []
        for directory, names, files in os.walk(top):
            names[:] = sorted(
                n
                for n in names
                if n not in _SKIPPED_DIRS
                and n[0] != "."
                and not os.path.isfile(f"{directory}/{n}/pyvenv.cfg")
            )
            found.extend(
                f"{directory}/{name}"
                for name in sorted(files)
                if name[0] != "." and (not name.endswith(_CODE) or (code and name[-1] != "c"))
            )
            if len(found) > _MAX_STATS:
                message = f"{top} has too many files"
                raise ValueError(message)
        return found


def _variables(text: str) -> set[str]:
    """Return the names of the environment variables that a source reads by a literal name."""
    if "environ" not in text and "getenv" not in text:
        return set()
    pattern = r"""(?:environ(?:\.get)?|getenv)\s*[\[(]\s*["'](\w+)["']"""
    return set(re.findall(pattern, text))


def _digest_file(name: str, *, stat_only: bool) -> bytes:
    path = Path(name)
    state = path.stat()
    if stat_only or state.st_size > _MAX_BYTES:
        return f"{state.st_size}:{state.st_mtime_ns}".encode()
    return hashlib.sha256(path.read_bytes()).digest()


def installed() -> list[str]:
    """Return the installed distributions with their versions, as their directories are named."""
    found: set[str] = set()
    for entry in dict.fromkeys(sys.path):
        if entry.endswith("-packages"):
            try:
                names = os.listdir(entry)
            except OSError:
                continue
            found.update(name for name in names if name.endswith((".dist-info", ".egg-info")))
    return sorted(found)
