"""The project's own Python files: which are tests, and which a file imports.

Sources are scanned for import statements as text, so an import inside a function or a string
counts too: reaching too many files is harmless here, reaching too few is not.
"""

import os
from functools import cached_property
from os.path import dirname, isdir, isfile

TEST_DIRS = frozenset({"tests", "test"})
_DYNAMIC = ("import_module", "__import__", "spec_from_file_location", "entry_points(", "runpy",
            "sys.executable", "pytester", "exec(")  # fmt: skip
"""Text in code that reaches files which no import statement names."""
_SKIPPED_DIRS = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})


def is_test(parts: list[str]) -> bool:
    """Return whether a relative path, split at its slashes, belongs to the tests."""
    name = parts[-1]
    return (
        not TEST_DIRS.isdisjoint(parts[:-1])
        or (len(parts) > 1 and parts[0] == "testing")
        or name == "conftest.py"
        or (name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py")))
    )


class Sources:
    """The Python files under a root, and the imports between them.

    Args:
        root: The project's root, without a slash at its end.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._texts: dict[str, str] = {}
        self._edges: dict[str, frozenset[str]] = {}
        self._modules: dict[tuple[str, str], tuple[str, ...]] = {}
        self._packages: dict[str, tuple[str, ...]] = {}

    def text(self, path: str) -> str:
        """Return the text of a file."""
        text = self._texts.get(path)
        if text is None:
            with open(path, "rb") as file:
                text = self._texts[path] = file.read().decode("utf-8", "replace")
        return text

    def closure(self, start: str) -> frozenset[str]:
        """Return every file of the project that importing `start` as a test reaches."""
        reached: set[str] = set()
        queue = [start, *self._conftests(dirname(start))]
        while queue:
            path = queue.pop()
            if path not in reached:
                reached.add(path)
                queue.extend(self._imports(path) - reached)
        return frozenset(reached)

    def _conftests(self, directory: str) -> tuple[str, ...]:
        found = self._packages.get(directory)
        if found is None:
            names = (f"{directory}/conftest.py", f"{directory}/__init__.py")
            found = tuple(name for name in names if isfile(name))
            if directory != self._root and directory.startswith(self._root):
                found += self._conftests(dirname(directory))
            self._packages[directory] = found
        return found

    def _imports(self, path: str) -> frozenset[str]:
        known = self._edges.get(path)
        if known is None:
            text = self.text(path)
            is_dynamic = any(sign in text for sign in _DYNAMIC)
            known = self._every if is_dynamic else self._scan(path, text)
            self._edges[path] = known
        return known

    def _scan(self, path: str, text: str) -> frozenset[str]:
        found: set[str] = set()
        for name in imported_names(text):
            found.update(self._resolve(name, path))
        return frozenset(found)

    def _resolve(self, name: str, importer: str) -> tuple[str, ...]:
        """Return the files that importing a module runs: its packages' and its own."""
        bare = name.lstrip(".")
        up = len(name) - len(bare)
        directory = dirname(importer)
        for _ in range(up - 1):
            directory = dirname(directory)
        bases = (directory,) if up else (self._root, f"{self._root}/src", self._top(directory))
        for base in bases:
            files = self._locate(base, bare)
            if files:
                return files
        return ()

    def _top(self, directory: str) -> str:
        """Return the directory that pytest would put on `sys.path` for a file in `directory`."""
        while isfile(f"{directory}/__init__.py"):
            directory = dirname(directory)
        return directory

    def _locate(self, base: str, name: str) -> tuple[str, ...]:
        known = self._modules.get((base, name))
        if known is None:
            files: list[str] = []
            path = base
            if not name and isfile(f"{path}/__init__.py"):
                files.append(f"{path}/__init__.py")
            for part in name.split(".") if name else ():
                path = f"{path}/{part}"
                if isfile(f"{path}/__init__.py"):
                    files.append(f"{path}/__init__.py")
                elif isfile(f"{path}.py"):
                    files.append(f"{path}.py")
                elif not isdir(path):
                    break
            known = self._modules[base, name] = tuple(files)
        return known

    @cached_property
    def _every(self) -> frozenset[str]:
        found: set[str] = set()
        for directory, names, files in os.walk(self._root):
            names[:] = [
                n
                for n in names
                if n not in _SKIPPED_DIRS
                and n[0] != "."
                and not isfile(f"{directory}/{n}/pyvenv.cfg")
            ]
            found.update(f"{directory}/{name}" for name in files if name.endswith(".py"))
        return frozenset(found)


def imported_names(text: str) -> set[str]:
    """Return the dotted names that the import statements of a text may mean.

    Of `from a import b`, both `a` and `a.b` are returned; leading dots are kept.
    """
    found: set[str] = set()
    if "import" not in text:
        return found
    lines = iter(text.replace("\\\n", " ").splitlines())
    for line in lines:
        if "import" not in line:
            continue
        words = line.partition("#")[0].replace("import(", "import (").replace(";", " ; ").split()
        while "import" in words:
            index = words.index("import")
            rest = words[index + 1 :]
            if rest and rest[0].startswith("(") and ")" not in line:
                for following in lines:
                    rest += following.partition("#")[0].split()
                    if ")" in following:
                        break
            end = rest.index(";") if ";" in rest else len(rest)
            origin = _origin(words[:index])
            found.update(_targets(origin, " ".join(rest[:end])))
            words = rest[end:]
    return found


def _origin(before: list[str]) -> str:
    """Return the name between `from` and `import`, "" for a plain import."""
    if "from" not in before:
        return ""
    start = len(before) - before[::-1].index("from")
    return "".join(before[start:])


def _targets(origin: str, names: str) -> set[str]:
    found = {origin} if origin else set()
    for part in names.strip("() ").replace("(", " ").replace(")", " ").split(","):
        words = part.split()
        if words:
            joint = "" if not origin or origin.endswith(".") else "."
            found.add(f"{origin}{joint}{words[0]}")
    return found
