"""Read pyproject.toml into a declaration, and refuse whatever is unknown."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from hangar_devkit.preflight.declaration import (
    CAPABILITIES,
    MANAGERS,
    PURPOSES,
    TYPES,
    Declaration,
    Requirement,
    Variable,
    size,
)
from hangar_devkit.preflight.errors import DeclarationError
from hangar_devkit.preflight.known_libraries import LIBRARIES
from hangar_devkit.preflight.lock import stated
from hangar_devkit.preflight.versions import release

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
TABLES = ("libraries", "executables", "environment", "capabilities", "ports", "resources")
PACKAGE_CHARACTERS = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._:/@=~"
)


def find(start: str) -> str:
    """Return the nearest directory, from ``start`` up, whose manifest has a ``[tool.preflight]``.

    Without one, return the nearest with a manifest: the built-in checks need no declaration.

    Raises:
        DeclarationError: There is no ``pyproject.toml`` there or above.
    """
    nearest = ""
    folder = os.path.abspath(start)
    while True:
        manifest = os.path.join(folder, "pyproject.toml")
        if os.path.exists(manifest):
            nearest = nearest or folder
            if "[tool.preflight" in _text(manifest):
                return folder
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    if not nearest:
        raise DeclarationError([f"{start}: no pyproject.toml here or above"])
    return nearest


def load(project: str) -> Declaration:
    """Read the declaration of the project in a directory.

    Raises:
        DeclarationError: The manifest cannot be read, or declares what is not allowed.
    """
    path = os.path.join(project, "pyproject.toml")
    text = _text(path)
    if sys.version_info < (3, 11):
        return _unread(path, text)
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError([f"{path}: {error}"]) from None
    reader = _Reader(path)
    declaration = reader.declaration(document)
    if reader.problems:
        raise DeclarationError(reader.problems)
    return declaration


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise DeclarationError([f"{path}: not UTF-8 (byte {error.start})"]) from None
    except OSError as error:
        raise DeclarationError([f"{path}: {error.strerror or error}"]) from None


def _unread(path: str, text: str) -> Declaration:
    values: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key.strip() in ("name", "requires-python"):
            values.setdefault(key.strip(), value.partition("#")[0].strip().strip("\"'"))
    return Declaration(
        path,
        values.get("name", ""),
        readable=False,
        declared="[tool.preflight" in text,
        requires_python=values.get("requires-python", ""),
        uses_uv="[tool.uv" in text,
    )


class _Reader:
    """Turns a parsed manifest into a declaration, and collects all problems."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[str] = []

    def declaration(self, document: dict[str, Any]) -> Declaration:
        project = self.table(document, "project")
        tool = self.table(document, "tool")
        uv = self.table(tool, "uv", "tool.")
        extras = self.table(project, "optional-dependencies", "project.")
        groups = self.table(document, "dependency-groups")
        lists = [*extras.values(), *groups.values(), uv.get("dev-dependencies")]
        dynamic = {"dependencies", "optional-dependencies"}.intersection(
            _strings(project.get("dynamic"))
        )
        preflight = self.table(tool, "preflight", "tool.")
        self.keys(preflight, "tool.preflight", (*TABLES, "ignore"))
        tables = {name: self.table(preflight, name, "tool.preflight.") for name in TABLES}
        resources = tables["resources"]
        self.keys(resources, "tool.preflight.resources", ("memory", "disk", "cpus"))
        return Declaration(
            self.path,
            str(project.get("name", "")),
            declared="preflight" in tool,
            requires_python=str(project.get("requires-python", "")),
            dependencies=_strings(project.get("dependencies")),
            extra_dependencies=tuple(text for entries in lists for text in _strings(entries)),
            stated=stated(document),
            dynamic=bool(dynamic),
            members=_strings(self.table(uv, "workspace", "tool.uv.").get("members")),
            uses_uv="uv" in tool or bool(_string(tool, "hangar", "template")),
            uv_version=str(uv.get("required-version", "")),
            template=_string(tool, "hangar", "template"),
            testpaths=_testpaths(self.table(tool, "pytest", "tool.")),
            devkit_path=_string(uv, "sources", "hangar-devkit", "path"),
            ignore=self.strings(preflight, "ignore", "tool.preflight"),
            libraries=self.each(tables["libraries"], "libraries", self.library),
            executables=self.each(tables["executables"], "executables", self.executable),
            capabilities=self.each(tables["capabilities"], "capabilities", self.capability),
            variables=self.each(tables["environment"], "environment", self.variable),
            ports=self.each(tables["ports"], "ports", self.port),
            memory=self.bytes(resources, "memory"),
            disk=self.bytes(resources, "disk"),
            cpus=self.count(resources, "cpus"),
        )

    def refuse(self, key: str, problem: str, allowed: str) -> None:
        self.problems.append(f"{self.path}: {key}: {problem} (allowed: {allowed})")

    def invalid(self, key: str, value: object, allowed: str) -> None:
        self.refuse(key, f"invalid value {_shown(value)}", allowed)

    def table(self, parent: dict[str, Any], name: str, prefix: str = "") -> dict[str, Any]:
        value = parent.get(name, {})
        if isinstance(value, dict):
            return value
        self.refuse(prefix + name, f"expected a table, found {_shown(value)}", f"[{prefix}{name}]")
        return {}

    def keys(self, table: dict[str, Any], key: str, allowed: tuple[str, ...]) -> None:
        for name in table:
            if name not in allowed:
                self.refuse(f"{key}.{name}", "unknown key", ", ".join(allowed))

    def each(
        self, table: dict[str, Any], name: str, parse: Callable[[str, object, str], T]
    ) -> tuple[T, ...]:
        prefix = f"tool.preflight.{name}"
        return tuple(parse(key, value, f"{prefix}.{key}") for key, value in table.items())

    def strings(self, table: dict[str, Any], name: str, key: str) -> tuple[str, ...]:
        value = table.get(name, [])
        entries = [value] if isinstance(value, str) else value
        if not isinstance(entries, list) or not all(isinstance(e, str) and e for e in entries):
            self.invalid(f"{key}.{name}", value, "a string, or a list of strings")
            return ()
        return tuple(entries)

    def choice(self, table: dict[str, Any], name: str, key: str, allowed: tuple[str, ...]) -> str:
        value = table.get(name, allowed[0])
        if value in allowed:
            return str(value)
        self.invalid(f"{key}.{name}", value, ", ".join(allowed))
        return allowed[0]

    def flag(self, table: dict[str, Any], name: str, key: str) -> bool:
        value = table.get(name, False)
        if not isinstance(value, bool):
            self.invalid(f"{key}.{name}", value, "true, false")
        return value is True

    def text(self, table: dict[str, Any], name: str, key: str, otherwise: str = "") -> str:
        value = table.get(name, otherwise)
        if isinstance(value, str):
            return value
        self.invalid(f"{key}.{name}", value, "a string")
        return otherwise

    def bytes(self, table: dict[str, Any], name: str) -> int:
        value = table.get(name, "")
        found = size(value) if isinstance(value, str) else 0
        if name in table and not found:
            self.refuse(
                f"tool.preflight.resources.{name}",
                f"{_shown(value)} is not a valid size",
                'a number with kB, MB, GB or TB, such as "4 GB"',
            )
        return found

    def count(self, table: dict[str, Any], name: str) -> int:
        value = table.get(name, 0)
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and (value > 0 or name not in table)
        ):
            return value
        self.invalid(f"tool.preflight.resources.{name}", value, "a whole number above 0")
        return 0

    def common(self, table: dict[str, Any], key: str) -> dict[str, Any]:
        packages = {}
        for manager in MANAGERS:
            names = self.strings(table, manager, key)
            for name in names:
                # The names reach a package manager's command line: no option, no shell.
                if name.startswith("-") or not PACKAGE_CHARACTERS.issuperset(name):
                    self.refuse(
                        f"{key}.{manager}",
                        f"{_shown(name)} is not a valid package name",
                        "a package name",
                    )
            if names:
                packages[manager] = names
        return {
            "optional": self.flag(table, "optional", key),
            "purpose": self.choice(table, "for", key, PURPOSES),
            "packages": packages,
            "url": self.text(table, "url", key),
        }

    def library(self, name: str, value: object, key: str) -> Requirement:
        known = LIBRARIES.get(name, {})
        if value is not True and not isinstance(value, dict):
            self.invalid(key, value, "true, or a table")
            return Requirement(name)
        table = {**known, **(value if isinstance(value, dict) else {})}
        self.keys(table, key, ("soname", *MANAGERS, "url", "optional", "for"))
        if "soname" not in table:
            self.refuse(
                key,
                "no soname, and not a known library",
                f"soname = [...], or {', '.join(LIBRARIES)}",
            )
        sonames = self.strings(table, "soname", key)
        return Requirement(name, sonames=sonames, **self.common(table, key))

    def executable(self, name: str, value: object, key: str) -> Requirement:
        table = {"minimum": value} if isinstance(value, str) else {} if value is True else value
        if not isinstance(table, dict):
            self.invalid(key, value, 'true, a minimum version such as "2.30", or a table')
            return Requirement(name)
        self.keys(table, key, ("minimum", "flag", *MANAGERS, "url", "optional", "for"))
        minimum = self.text(table, "minimum", key)
        if minimum and not release(minimum):
            self.refuse(
                f"{key}.minimum", f"{_shown(minimum)} is not a valid version", 'such as "2.30"'
            )
        flag = self.text(table, "flag", key, "--version")
        return Requirement(name, minimum=minimum, flag=flag, **self.common(table, key))

    def capability(self, name: str, value: object, key: str) -> Requirement:
        if name not in CAPABILITIES:
            self.refuse(key, "unknown capability", ", ".join(CAPABILITIES))
        if value is not True and not isinstance(value, dict):
            self.invalid(key, value, "true, or a table")
            return Requirement(name)
        table = value if isinstance(value, dict) else {}
        self.keys(table, key, (*MANAGERS, "url", "optional", "for"))
        return Requirement(name, **self.common(table, key))

    def variable(self, name: str, value: object, key: str) -> Variable:
        table = {"type": value} if isinstance(value, str) else {} if value is True else value
        if not isinstance(table, dict):
            self.invalid(key, value, f"true, one of {', '.join(TYPES)}, or a table")
            return Variable(name)
        self.keys(table, key, ("type", "values", "optional", "default"))
        type_name = self.choice(table, "type", key, TYPES)
        values = self.strings(table, "values", key)
        if (type_name == "enum") != bool(values):
            self.refuse(
                f"{key}.values",
                "enum requires values, and values require enum",
                'type = "enum", values = [...]',
            )
        optional, default = self.flag(table, "optional", key), self.text(table, "default", key)
        return Variable(name, type_name, values, optional, default)

    def port(self, name: str, value: object, key: str) -> tuple[str, int]:
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536:
            return name, value
        self.invalid(key, value, "a port from 1 to 65535")
        return name, 0


def _string(table: object, *keys: str) -> str:
    """Return a string in nested tables that the preflight does not validate, or an empty one."""
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, str) else ""


def _testpaths(pytest: dict[str, Any]) -> tuple[str, ...]:
    ini_options = pytest.get("ini_options")
    table = ini_options if isinstance(ini_options, dict) else pytest
    paths = table.get("testpaths")
    return tuple(paths.split()) if isinstance(paths, str) else _strings(paths)


def _strings(value: object) -> tuple[str, ...]:
    return tuple(e for e in value if isinstance(e, str)) if isinstance(value, list) else ()


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
