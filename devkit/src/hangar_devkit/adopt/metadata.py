"""Read what a project states about itself, whatever build tool it uses."""

import ast
import configparser
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hangar_devkit.update.errors import UpdateError

_TEXT = {"description": 300, "author_name": 100}
_EMAIL = re.compile(r"[A-Za-z0-9_'+-]+(\.[A-Za-z0-9_'+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*/?")
_WRITTEN = {"write_to", "version_file", "version-file"}
_TAGS = ("{{", "{%", "{#")
_HOMES = ("repository", "source", "source code", "code", "github", "gitlab", "homepage", "home")


@dataclass
class Metadata:
    """A project's own metadata.

    Attributes:
        source: The file that they come from.
        requires_python: The versions of Python, as the project states them.
        urls: Label in lower case -> address.
        packages: Import names of the packages in the tree, such as `a`, or `a.b` in a namespace.
        pyproject: The content of pyproject.toml; empty without one.
        setup: The literal arguments of `setup()` in setup.py.
        setup_cfg: The content of setup.cfg.
    """

    source: str = ""
    name: str = ""
    description: str = ""
    author_name: str = ""
    author_email: str = ""
    license: str = ""
    requires_python: str = ""
    urls: dict[str, str] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)
    pyproject: dict[str, Any] = field(default_factory=dict)
    setup: dict[str, Any] = field(default_factory=dict)
    setup_cfg: configparser.RawConfigParser = field(default_factory=configparser.RawConfigParser)


def read_metadata(root: Path) -> Metadata:
    """Read pyproject.toml (PEP 621, Poetry, Flit), setup.cfg and setup.py, the first that names it.

    A project that states no name gets that of its directory.

    Raises:
        UpdateError: If pyproject.toml is not TOML.
    """
    metadata = Metadata(packages=find_packages(root))
    metadata.pyproject = _read_pyproject(root / "pyproject.toml")
    metadata.setup_cfg = read_ini(root / "setup.cfg")
    metadata.setup = read_setup(root / "setup.py")
    for source, read in (
        ("pyproject.toml", _from_project),
        ("pyproject.toml [tool.poetry]", _from_poetry),
        ("pyproject.toml [tool.flit.metadata]", _from_flit),
        ("setup.cfg", _from_setup_cfg),
        ("setup.py", _from_setup),
    ):
        read(metadata)
        if metadata.name:
            metadata.source = metadata.source or source
    metadata.name = metadata.name or root.name
    metadata.source = metadata.source or "the directory's name"
    return metadata


def guess_answers(metadata: Metadata, questions: dict[str, Any], ci: str) -> dict[str, Any]:
    """Return the answers to the template's questions that the metadata give.

    Args:
        metadata: What the project states.
        questions: The template's questions, with defaults or choices.
        ci: The CI service of its repository.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", metadata.name.lower()).strip("-")
    urls = [metadata.urls[label] for label in _HOMES if label in metadata.urls]
    urls += metadata.urls.values()
    guesses = {
        "project_name": _plain(metadata.name, 80),
        "project_slug": slug or "project",
        "package_name": _package(metadata, (slug or "project").replace("-", "_")),
        "description": _plain(metadata.description, _TEXT["description"]),
        "author_name": _plain(metadata.author_name, _TEXT["author_name"]),
        "author_email": metadata.author_email if _EMAIL.fullmatch(metadata.author_email) else "",
        "license": metadata.license,
        "repository_url": next((url for url in urls if _URL.fullmatch(url)), ""),
        "ci": ci,
        "ml_pipeline": False,
    }
    return {
        question: value
        for question, value in guesses.items()
        if (value or value is False) and _fits(value, questions.get(question))
    }


def _package(metadata: Metadata, name: str) -> str:
    """Return the package that has the project's name, else the first."""
    usable = [each for each in metadata.packages if "." not in each]
    same = [each for each in usable if each.lower() == name]
    return next(iter([*same, *usable]), name)


def find_packages(root: Path) -> list[str]:
    """List the packages in `src/` or at the top, without tests and docs; `a.b` in a namespace."""
    packages = []
    for directory in (root / "src", root):
        found = [path.parent.name for path in directory.glob("*/__init__.py")]
        found += [
            f"{path.parts[-3]}.{path.parts[-2]}"
            for path in directory.glob("*/*/__init__.py")
            if not (path.parents[1] / "__init__.py").exists()
        ]
        packages += sorted(
            name
            for name in found
            if all(map(str.isidentifier, name.split(".")))
            and not {"docs", "src", "test", "tests"}.intersection(name.split("."))
        )
    return packages


def find_written(metadata: Metadata) -> list[str]:
    """List the files that the project's build writes, as its settings name them."""
    found: list[str] = []

    def search(settings: dict[str, Any]) -> None:
        for key, value in settings.items():
            if key in _WRITTEN and isinstance(value, str):
                found.extend((value, f"src/{value}"))  # PDM leaves the directory out
            search(table(value))

    search(table(metadata.pyproject.get("tool")))
    search(metadata.setup)
    return found


def find_indexes(metadata: Metadata) -> list[str]:
    """Return the package indexes of `[tool.uv]` as arguments of uv."""
    found = []
    uv = table(table(metadata.pyproject.get("tool")).get("uv"))
    for index in map(table, uv.get("index") or ()):
        if "://" in str(index.get("url")) and not index.get("explicit"):
            name = f"{index['name']}=" if index.get("name") else ""
            option = "--default-index" if index.get("default") else "--index"
            found.append(f"{option}={name}{index['url']}")
    return found


def python_request(stated: str) -> str:
    """Return which Python to use: of the versions that a project states, one that we support."""
    clauses = [">=3.11"]
    for clause in (each.replace(" ", "") for each in stated.split(",")):
        if match := re.fullmatch(r"[~^]?=?=?(\d+)\.(\d+)(?:\.\d+)*(\.\*)?", clause):
            major, minor = int(match[1]), int(match[2])
            if clause.startswith("^") or (clause.startswith("~=") and clause.count(".") == 1):
                clauses += [f">={major}.{minor}", f"<{major + 1}"]
            else:
                clauses.append(f"=={major}.{minor}.*")
        elif re.fullmatch(r"(?:[<>]=?|!=)\d[\d.]*(?:\.\*)?", clause):
            clauses.append(clause)
    return ",".join(dict.fromkeys(clauses))


def read_ini(path: Path) -> configparser.RawConfigParser:
    """Read a file such as setup.cfg or tox.ini; one that is not valid counts as empty."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), allow_no_value=True)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return configparser.RawConfigParser()
    return parser


def read_setup(path: Path) -> dict[str, Any]:
    """Return the literal arguments of `setup()`, names at the top of the module resolved."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return {}
    names: dict[str, Any] = {}
    arguments: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = _literal(node.value, names)
            if value is not None:
                names[node.targets[0].id] = value
        elif isinstance(node, ast.Call) and _called(node.func) == "setup":
            pairs = ((each.arg, _literal(each.value, names)) for each in node.keywords)
            arguments |= {name: value for name, value in pairs if name and value is not None}
    return arguments


def strings(value: object) -> list[str]:
    """Return the strings of a list that somebody else wrote; of a text, its lines."""
    lines: Iterable[object] = value.splitlines() if isinstance(value, str) else ()
    lines = value if isinstance(value, (list, tuple)) else lines
    return [line.strip() for line in lines if isinstance(line, str) and line.strip()]


def table(value: object) -> dict[str, Any]:
    """Return a table of somebody else's file, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _literal(node: ast.expr, names: dict[str, Any]) -> Any:  # noqa: ANN401 - any literal
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        items = [(_literal(key, names), _literal(value, names)) for key, value in pairs if key]
        return {key: value for key, value in items if isinstance(key, str)}
    if isinstance(node, ast.List | ast.Tuple):
        return [item for each in node.elts if (item := _literal(each, names)) is not None]
    if isinstance(node, ast.BinOp):
        left, right = _literal(node.left, names), _literal(node.right, names)
        return left + right if isinstance(left, list) and isinstance(right, list) else None
    return node.value if isinstance(node, ast.Constant) else None


def _read_pyproject(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise UpdateError(f"{path} cannot be read: {error}. Fix it, then run again.") from None


def _fill(metadata: Metadata, **values: object) -> None:
    """Set what is not known yet, with what is text."""
    for name, value in values.items():
        if isinstance(value, str) and value.strip() and not getattr(metadata, name):
            setattr(metadata, name, value.strip())


def _from_project(metadata: Metadata) -> None:
    project = table(metadata.pyproject.get("project"))
    author = table(next(iter(project.get("authors") or ()), {}))
    stated = project.get("license")
    _fill(
        metadata,
        name=project.get("name"),
        description=project.get("description"),
        author_name=author.get("name"),
        author_email=author.get("email"),
        license=table(stated).get("text") if isinstance(stated, dict) else stated,
        requires_python=project.get("requires-python"),
    )
    _add_urls(metadata, table(project.get("urls")))


def _from_poetry(metadata: Metadata) -> None:
    poetry = table(table(metadata.pyproject.get("tool")).get("poetry"))
    author = re.fullmatch(r"(.*?)\s*<(.*)>", next(iter(strings(poetry.get("authors"))), ""))
    _fill(
        metadata,
        name=poetry.get("name"),
        description=poetry.get("description"),
        author_name=author and author[1],
        author_email=author and author[2],
        license=poetry.get("license"),
        requires_python=table(poetry.get("dependencies")).get("python"),
    )
    _add_urls(
        metadata, {"homepage": poetry.get("homepage"), "repository": poetry.get("repository")}
    )


def _from_flit(metadata: Metadata) -> None:
    flit = table(table(table(metadata.pyproject.get("tool")).get("flit")).get("metadata"))
    name = flit.get("dist-name") or flit.get("module")
    author, email = flit.get("author"), flit.get("author-email")
    python = flit.get("requires-python")
    _fill(metadata, name=name, author_name=author, author_email=email, requires_python=python)


def _from_setup_cfg(metadata: Metadata) -> None:
    parser = metadata.setup_cfg
    if not parser.has_section("metadata"):
        return
    stated = dict(parser.items("metadata"))
    python = parser.get("options", "python_requires", fallback=None)
    _fill(
        metadata,
        name=stated.get("name"),
        description=stated.get("description") or stated.get("summary"),
        author_name=stated.get("author"),
        author_email=stated.get("author_email") or stated.get("author-email"),
        license=stated.get("license"),
        requires_python=python,
    )
    _add_urls(metadata, {"homepage": stated.get("url") or stated.get("home_page")})


def _from_setup(metadata: Metadata) -> None:
    stated = metadata.setup
    _fill(
        metadata,
        name=stated.get("name"),
        description=stated.get("description"),
        author_name=stated.get("author"),
        author_email=stated.get("author_email"),
        license=stated.get("license"),
        requires_python=stated.get("python_requires"),
    )
    _add_urls(metadata, {**table(stated.get("project_urls")), "homepage": stated.get("url")})


def _add_urls(metadata: Metadata, urls: dict[str, Any]) -> None:
    for label, url in urls.items():
        if isinstance(url, str):
            metadata.urls.setdefault(label.lower(), url)


def _plain(text: str, maximum: int) -> str:
    """Return a text as an answer must be: one line without invisible characters or tags, short."""
    text = "".join(c for c in " ".join(text.split()) if c.isprintable())[:maximum].strip()
    return "" if any(tag in text for tag in _TAGS) else text


def _fits(value: object, question: object) -> bool:
    return value in question if isinstance(question, list) else question is not None
