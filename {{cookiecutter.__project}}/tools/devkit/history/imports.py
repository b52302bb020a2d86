"""Which of the project's own files an import of one of them reaches.

Sources are scanned for import statements by pattern, wherever they stand, so an import inside a
function or a string counts too: reaching too much is harmless here, reaching too little is not.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path

_IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:"
    r"from[ \t]+(?P<origin>\.*[ \t]*[\w.]*)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n;#]+)"
    r"|import[ \t]+(?P<modules>[^\n;#]+))",
    re.MULTILINE,
)
_DYNAMIC = re.compile(
    r"import_module|__import__|spec_from_file_location|entry_points\(|runpy|sys\.executable"
    r"|\bpytester\b|\bexec\("
)
"""Signs of code that reaches files which no import statement names."""
_SKIPPED_DIRS = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})


class Sources:
    """The Python files under a root, and the imports between them."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._texts: dict[str, str] = {}
        self._edges: dict[str, frozenset[str]] = {}
        self._modules: dict[tuple[str, str], tuple[str, ...]] = {}

    def text(self, path: str) -> str:
        """Return the text of a file."""
        text = self._texts.get(path)
        if text is None:
            text = Path(path).read_bytes().decode("utf-8", "replace")
            self._texts[path] = text
        return text

    def closure(self, start: str) -> frozenset[str]:
        """Return every file of the project that importing `start` as a test reaches."""
        reached: set[str] = set()
        waiting = [start, *self._conftests(start)]
        while waiting:
            path = waiting.pop()
            if path not in reached:
                reached.add(path)
                waiting.extend(self._imports(path) - reached)
        return frozenset(reached)

    def _conftests(self, start: str) -> list[str]:
        found: list[str] = []
        directory = str(Path(start).parent)
        while directory.startswith(self._root):
            for name in ("conftest.py", "__init__.py"):
                if Path(directory, name).is_file():
                    found.append(f"{directory}/{name}")
            directory = str(Path(directory).parent)
        return found

    def _imports(self, path: str) -> frozenset[str]:
        known = self._edges.get(path)
        if known is None:
            text = self.text(path)
            known = self._all if _DYNAMIC.search(text) else self._scan(path, text)
            self._edges[path] = known
        return known

    def _scan(self, path: str, text: str) -> frozenset[str]:
        found: set[str] = set()
        for match in _IMPORT.finditer(text.replace("\\\n", " ")):
            if match["modules"] is not None:
                names = [part.split()[0] for part in match["modules"].split(",") if part.split()]
            else:
                origin = match["origin"].replace(" ", "")
                parts = match["names"].strip("() \t\n").replace("\n", " ").split(",")
                names = [origin]
                names += [f"{origin}.{part.split()[0]}" if origin.strip(".") else
                          origin + part.split()[0] for part in parts if part.split()]
            for name in names:
                found.update(self._resolve(name, path))
        return frozenset(found)

    def _resolve(self, name: str, importer: str) -> tuple[str, ...]:
        """Return the files that importing a module runs: its packages' and its own."""
        bare = name.lstrip(".")
        up = len(name) - len(bare)
        directory = str(Path(importer).parent)
        for _ in range(up - 1):
            directory = str(Path(directory).parent)
        bases = (directory,) if up else (self._root, f"{self._root}/src", self._top(directory))
        for base in bases:
            files = self._locate(base, bare)
            if files:
                return files
        return ()

    def _top(self, directory: str) -> str:
        """Return the directory that pytest would put on `sys.path` for a file in `directory`."""
        while Path(directory, "__init__.py").is_file():
            directory = str(Path(directory).parent)
        return directory

    def _locate(self, base: str, name: str) -> tuple[str, ...]:
        known = self._modules.get((base, name))
        if known is None:
            files: list[str] = []
            place = base
            if Path(place, "__init__.py").is_file() and not name:
                files.append(f"{place}/__init__.py")
            for part in name.split(".") if name else ():
                place = f"{place}/{part}"
                if Path(place, "__init__.py").is_file():
                    files.append(f"{place}/__init__.py")
                elif Path(f"{place}.py").is_file():
                    files.append(f"{place}.py")
                elif not Path(place).is_dir():
                    break
            known = self._modules[base, name] = tuple(files)
        return known

    @cached_property
    def _all(self) -> frozenset[str]:
        found: set[str] = set()
        for directory, names, files in os.walk(self._root):
            names[:] = [n for n in names if n not in _SKIPPED_DIRS and n[0] != "."
                        and not Path(directory, n, "pyvenv.cfg").is_file()]
            found.update(f"{directory}/{name}" for name in files if name.endswith(".py"))
        return frozenset(found)
