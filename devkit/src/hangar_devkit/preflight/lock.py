"""What a manifest states and uv locks, compared with what the lock file records of it.

A difference in a name, a version or a specifier is certain. Where only uv knows, such as what two
markers have in common, the comparison says so and the caller asks uv.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from hangar_devkit.preflight.versions import RELEASE, canonical, is_older, normalised, ordered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

# Settings of [tool.uv] that change no lock, or are compared here.
KNOWN_SETTINGS = frozenset(
    {
        *("cache-dir", "compile-bytecode", "concurrent-builds", "concurrent-downloads"),
        *("default-groups", "dev-dependencies", "exclude-newer", "link-mode", "managed"),
        *("native-tls", "offline", "package", "preview", "python-downloads", "python-preference"),
        *("required-version", "sources", "workspace"),
    }
)
# Lines before the first package that every lock has, or that are compared here.
KNOWN_LINES = (
    *("version =", "revision =", "requires-python =", "resolution-markers ="),
    *("[options]", "exclude-newer", '    "', "]"),
)
PATHS = ("path", "editable", "directory", "virtual")
OTHER_SOURCES = ("git", "url", "index")


class Entry(NamedTuple):
    """A requirement."""

    section: str  # empty, "extra NAME", "group NAME", or "?" where only uv knows
    name: str
    extras: tuple[str, ...]
    specifier: str
    marker: str
    source: str = ""  # a path, or "?" for another one


class Stated(NamedTuple):
    """What a manifest states that a lock file records."""

    name: str = ""
    version: str = ""
    requires_python: str = ""
    entries: tuple[Entry, ...] = ()
    extras: frozenset[str] = frozenset()
    exclude_newer: str = ""
    packaged: bool = False  # whether uv installs the project itself
    default_groups: frozenset[str] = frozenset()
    unsure: tuple[str, ...] = ()  # what only uv can compare


class Recorded(NamedTuple):
    """What a lock file records of a manifest."""

    name: str = ""
    version: str = ""
    entries: tuple[Entry, ...] = ()
    extras: frozenset[str] = frozenset()
    packaged: bool = False
    default_groups: frozenset[str] = frozenset()


class Head(NamedTuple):
    """What a lock file records before its first package."""

    requires_python: str = ""
    exclude_newer: str = ""
    unsure: tuple[str, ...] = ()


class Comparison(NamedTuple):
    """What differs for certain, and what only uv can tell."""

    different: frozenset[str]
    unsure: tuple[str, ...]


def stated(document: Mapping[str, Any]) -> Stated:
    """Return what a parsed manifest states."""
    project = _table(document, "project")
    uv = _table(_table(document, "tool"), "uv")
    sources = {normalised(name): _path(source) for name, source in _table(uv, "sources").items()}
    optional = _table(project, "optional-dependencies")
    sections = {"": _texts(project.get("dependencies"))}
    sections |= {f"extra {normalised(name)}": _texts(texts) for name, texts in optional.items()}
    for name, texts in groups(_table(document, "dependency-groups")).items():
        sections[f"group {name}"] = texts
    sections["group dev"] = sections.get("group dev", []) + _texts(uv.get("dev-dependencies"))
    entries = [
        entry(section, text, sources) for section, texts in sections.items() for text in texts
    ]
    unsure = [f"[tool.uv] {name}" for name in sorted(set(uv) - KNOWN_SETTINGS)]
    unsure += [f"dynamic {name}" for name in _texts(project.get("dynamic")) if name != "version"]
    unsure += [f"workspace.{name}" for name in _table(uv, "workspace") if name != "members"]
    return Stated(
        normalised(str(project.get("name", ""))),
        str(project.get("version", "")),
        str(project.get("requires-python", "")),
        tuple(found for found in entries if found),
        frozenset(map(normalised, optional)),
        str(uv.get("exclude-newer", "")),
        bool(uv.get("package", "build-system" in document)),
        frozenset(_texts(uv.get("default-groups"))),
        tuple(unsure),
    )


def groups(tables: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the requirements of dependency groups, with those of the groups they include."""
    spelt = {normalised(name): entries for name, entries in tables.items()}

    def expand(name: str, seen: tuple[str, ...]) -> Iterator[str]:
        for found in spelt.get(name) or () if isinstance(spelt.get(name), list) else ():
            if isinstance(found, str):
                yield found
            elif isinstance(found, dict) and "include-group" in found:
                included = normalised(str(found["include-group"]))
                if included not in seen:
                    yield from expand(included, (*seen, included))

    return {name: list(expand(name, (name,))) for name in spelt}


def entry(section: str, text: str, sources: Mapping[str, str] = MappingProxyType({})) -> Entry:
    """Return a requirement of a manifest; one that only uv can read has the section "?"."""
    requirement, _, marker = text.partition(";")
    requirement, direct, _ = requirement.partition("@")
    requirement = requirement.strip()
    end = len(requirement)
    for index, character in enumerate(requirement):
        if not (character.isalnum() or character in "._-"):
            end = index
            break
    name, rest, extras = normalised(requirement[:end]), requirement[end:].strip(), ""
    if rest.startswith("["):
        extras, _, rest = rest[1:].partition("]")
    named = tuple(sorted(normalised(each.strip()) for each in extras.split(",") if each.strip()))
    source = "?" if direct else sources.get(name, "")
    return Entry(section if name else "?", name, named, ordered(rest), _marker(marker), source)


def head(text: str) -> Head:
    """Return what the text before the first package of a lock file records."""
    unsure = [each for each in text.splitlines() if each and not each.startswith(KNOWN_LINES)]
    span = _quoted(text, "\nexclude-newer-span = ")
    return Head(
        _quoted(text, "\nrequires-python = "),
        span or _quoted(text, "\nexclude-newer = "),
        tuple(unsure),
    )


def recorded(block: str) -> Recorded:
    """Return what the block of a package in a lock file records of its manifest."""
    metadata = block.partition("\n[package.metadata]\n")[2]
    project, _, development = metadata.partition("[package.metadata.requires-dev]\n")
    entries = [_recorded("", line) for line in project.split("{ ")[1:]]
    group = ""
    for line in development.splitlines():
        key, equals, _ = line.partition(" = [")
        group = key if equals and line[:1] not in ("", " ") else group
        entries += [_recorded(f"group {group}", part) for part in line.split("{ ")[1:]]
    default = block.partition("\ndefault-groups = [")[2]
    extras = project.partition("provides-extras = [")[2].partition("]")[0]
    return Recorded(
        _quoted(block, "name = "),
        _quoted(block.partition("\n\n")[0], "\nversion = "),
        tuple(entries),
        frozenset(_strings(extras)),
        "\nsource = { editable = " in block,
        frozenset(_strings(default.partition("]")[0])),
    )


def compare(manifest: Stated, locked: Recorded) -> Comparison:
    """Compare what a manifest states with what a lock file records of it."""
    unsure = list(manifest.unsure)
    facts = {
        "the name of the project": (manifest.name, locked.name),
        "whether the project is a package": (manifest.packaged, locked.packaged),
    }
    different = {name for name, (ours, theirs) in facts.items() if ours != theirs}
    if manifest.default_groups != locked.default_groups:
        unsure.append("default-groups")  # older versions of uv do not record them
    if manifest.version and locked.version and manifest.version != locked.version:
        if RELEASE.fullmatch(manifest.version) and RELEASE.fullmatch(locked.version):
            different.add("the version of the project")
        else:
            unsure.append("the version of the project")
    if any(name.startswith("dynamic") for name in manifest.unsure):
        return Comparison(frozenset(different), tuple(unsure))
    different |= {f"extra {name}" for name in manifest.extras ^ locked.extras}
    both = (manifest.entries, locked.entries)
    unsure += [each.name for entries in both for each in entries if each.section == "?"]
    ours, theirs = map(_by_place, both)
    different |= {place[1] for place in ours.keys() ^ theirs.keys()}
    for place in ours.keys() & theirs.keys():
        certain = _differ(ours[place], theirs[place])
        if certain:
            different.add(place[1])
        elif certain is None:
            unsure.append(place[1])
    return Comparison(frozenset(different), tuple(unsure))


def compare_heads(manifest: Stated, locked: Head) -> Comparison:
    """Compare the settings of a manifest with what a lock file records of them."""
    different, unsure = set(), list(locked.unsure)
    ours, theirs = manifest.requires_python, locked.requires_python
    if ordered(ours) != ordered(theirs):
        low, high = ours.lstrip(">= "), theirs.lstrip(">= ")
        minimums = ours.startswith(">=") and theirs.startswith(">=")
        if minimums and RELEASE.fullmatch(low) and RELEASE.fullmatch(high):
            if is_older(low, high) or is_older(high, low):
                different.add("requires-python")
        else:
            unsure.append("requires-python")
    if _span(manifest.exclude_newer) != locked.exclude_newer:
        unsure.append("exclude-newer")
    return Comparison(frozenset(different), tuple(unsure))


def _by_place(entries: Iterable[Entry]) -> dict[tuple[str, str, tuple[str, ...]], list[Entry]]:
    found: dict[tuple[str, str, tuple[str, ...]], list[Entry]] = {}
    for each in entries:
        if each.section != "?":
            found.setdefault((each.section, each.name, each.extras), []).append(each)
    return found


def _differ(ours: list[Entry], theirs: list[Entry]) -> bool | None:
    """Return whether requirements of one name differ; None where only uv knows."""
    sources = {each.source for each in ours}, {each.source for each in theirs}
    if "?" in sources[0] | sources[1]:
        return None
    if sources[0] != sources[1]:
        return True
    if sources[0] == {""}:  # uv locks no specifier of what has a source
        texts = {each.specifier for each in ours}, {each.specifier for each in theirs}
        if texts[0] != texts[1] and set(map(canonical, texts[0])) != set(map(canonical, texts[1])):
            return True
    marked = {each[3:5] for each in ours}, {each[3:5] for each in theirs}
    markers = {each.marker for each in ours}, {each.marker for each in theirs}
    if sources[0] == {""} and marked[0] == marked[1]:
        return False
    return False if markers[0] == markers[1] and len(markers[0]) == 1 else None


def _recorded(section: str, text: str) -> Entry:
    line = text.partition(" }")[0]
    marker = _quoted(line, "marker = ")
    before, extra, after = marker.rpartition("extra == '")
    if extra and not section and after.endswith("'") and (not before or before.endswith(" and ")):
        section, marker = f"extra {after[:-1]}", before[: -len(" and ")]
    if "extra ==" in marker:
        section = "?"
    spaced = f" {line}"
    paths = [_quoted(spaced, f" {key} = ") for key in PATHS]
    other = any(f" {key} = " in spaced for key in OTHER_SOURCES)
    return Entry(
        section,
        _quoted(line, "name = "),
        tuple(sorted(_strings(line.partition("extras = [")[2].partition("]")[0]))),
        ordered(_quoted(line, "specifier = ")),
        _marker(marker),
        "?" if other else next(filter(None, paths), ""),
    )


def _marker(text: str) -> str:
    """Return a marker in uv's spelling, as far as that is simple."""
    spaced = " ".join(text.replace('"', "'").split())
    while spaced.startswith("(") and spaced.find(")") == len(spaced) - 1:
        spaced = spaced[1:-1].strip()
    for comparison in ("< '", ">= '"):
        spaced = spaced.replace(f"python_version {comparison}", f"python_full_version {comparison}")
    return spaced


def _path(source: object) -> str:
    """Return the path of a source, or "?" for what is more than a path."""
    if isinstance(source, dict) and set(source) <= {"path", "editable"} and "path" in source:
        return str(source["path"])
    return "?"


def _span(text: str) -> str:
    """Return `7 days` as a lock file has it, `P7D`."""
    number, _, unit = text.partition(" ")
    known = number.isdigit() and unit.rstrip("s") in ("day", "week")
    return f"P{int(number)}{unit[0].upper()}" if known else text


def _quoted(text: str, key: str) -> str:
    """Return the quoted string after a key, or an empty string."""
    return text.partition(key + '"')[2].partition('"')[0] if key + '"' in text else ""


def _strings(text: str) -> list[str]:
    """Return the quoted strings in a text."""
    return text.split('"')[1::2]


def _table(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
