"""What each layer of an adoption adds to a project. Every file is new: nothing is ever replaced."""

import json
import posixpath
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from hangar_devkit.adopt.metadata import Metadata, find_indexes
from hangar_devkit.adopt.suite import Suite
from hangar_devkit.update.git import Tree
from hangar_devkit.update.state import STATE_FILE

LAYERS = ("link", "tools", "hooks", "container", "docs", "ci")
# Files of the template that a project takes as they are: an update brings their new versions.
TAKEN = ("tools/hangar.py", "tools/hangar_devkit-*.whl", "tools/ruff.toml")

_OURS_AND_THEIRS = ("tools/", ".github/", ".devcontainer/")  # directories that both may have


@dataclass(frozen=True)
class Hook:
    """A hook of tools/pre-commit.yaml: its name, its command and which files it checks."""

    name: str
    entry: str
    files: str


# Starting a program for each part of the files takes longer than the check.
_ONE_PROCESS = "\n        require_serial: true"
HOOKS = {
    "text": Hook(
        "trailing whitespace, syntax and more", "hangar hook text", f"types: [file]{_ONE_PROCESS}"
    ),
    "secrets": Hook("secrets", "hangar hook secrets", f"types: [text]{_ONE_PROCESS}"),
    "typos": Hook("typos", "typos --force-exclude", "types: [text]"),
    "ruff-check": Hook(
        "ruff check", "ruff check --fix --force-exclude{{RUFF}}", "types_or: [python, pyi]"
    ),
    "ruff-format": Hook(
        "ruff format", "ruff format --force-exclude{{RUFF}}", "types_or: [python, pyi]"
    ),
    "shellcheck": Hook("shellcheck", "shellcheck --external-sources", "types: [shell]"),
    "hadolint": Hook("hadolint", "hadolint", "files: (^|/)Dockerfile$"),
    "schemas": Hook(
        "schemas of configuration files",
        "hangar hook schemas",
        f"types_or: [yaml, json]{_ONE_PROCESS}",
    ),
    "zizmor": Hook(
        "zizmor",
        "zizmor --offline --no-progress --quiet",
        r"files: ^\.github/workflows/.*\.ya?ml$",
    ),
}


@dataclass(frozen=True)
class Project:
    """What the layers are written for.

    Attributes:
        root: The project.
        prefix: Where it is in its repository, with a slash at the end; empty at the top.
        repository: The files of the whole repository at the last commit.
        metadata: What it states about itself.
        fresh: The template, rendered with its answers.
        link: The content of `.cruft.json`.
        branch: The branch that CI watches.
        ci: The CI service.
    """

    root: Path
    prefix: str
    repository: Tree
    metadata: Metadata
    fresh: Path
    link: str
    branch: str
    ci: str

    @cached_property
    def ours(self) -> Tree:
        """The files of the project at the last commit."""
        return {
            path.removeprefix(self.prefix): entry
            for path, entry in self.repository.items()
            if path.startswith(self.prefix)
        }

    def has(self, layer: str) -> bool:
        """Return whether the project has a layer."""
        return posixpath.normpath(self.prefix + marker(self, layer)) in self.repository

    @property
    def noxfile(self) -> str:
        """The file with our sessions; the project's own sessions stay where they are."""
        theirs = "noxfile.py" in self.ours and "hangar" not in self._text("noxfile.py")[:400]
        return "noxfile_hangar.py" if theirs else "noxfile.py"

    @property
    def nox(self) -> str:
        """The command that runs our sessions."""
        return "uvx nox" + ("" if self.noxfile == "noxfile.py" else f" -f {self.noxfile}")

    @property
    def devcontainer(self) -> str:
        """The dev container, beside one that the project has."""
        theirs = any(
            path == ".devcontainer.json" or path.startswith(".devcontainer/") for path in self.ours
        )
        return f".devcontainer/{'hangar/' if theirs else ''}devcontainer.json"

    @property
    def job(self) -> str:
        """The name of the job in CI: one of its own for each project of a repository."""
        place = self.prefix.rstrip("/").replace("/", "--")
        return re.sub(r"[^A-Za-z0-9._-]", "-", f"hangar-{place}" if place else "hangar")

    @property
    def pipeline(self) -> str:
        """The file of the CI service. GitHub reads workflows at the top of the repository only."""
        if self.ci == "gitlab":
            return "tools/ci/hangar.gitlab-ci.yml"
        return f"{'../' * self.prefix.count('/')}.github/workflows/{self.job}.yml"

    def has_ruff_rules(self) -> bool:
        """Return whether the project has rules of its own for ruff."""
        tool = self.metadata.pyproject.get("tool")
        own = isinstance(tool, dict) and "ruff" in tool
        return own or bool({"ruff.toml", ".ruff.toml"} & self.ours.keys())

    def _text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8", errors="replace")


def marker(project: Project, layer: str) -> str:
    """Return the file by which a project shows that it has a layer."""
    return {
        "link": STATE_FILE,
        "tools": project.noxfile,
        "hooks": "tools/pre-commit.yaml",
        "container": "tools/container/Dockerfile",
        "docs": "tools/mkdocs.yml",
        "ci": project.pipeline,
    }[layer]


def write_layer(project: Project, layer: str, suite: Suite | None) -> dict[str, bytes]:
    """Return the files of a layer: path -> content.

    Args:
        project: What they are written for.
        layer: One of `LAYERS`.
        suite: The project's tests, for the layer `tools`.
    """
    return {name: _bytes(content) for name, content in _WRITERS[layer](project, suite).items()}


def is_executable(name: str) -> bool:
    """Return whether a file of a layer is a program."""
    return name.startswith("tools/hooks/")


def _bytes(content: str | bytes) -> bytes:
    # A name that is not UTF-8 may be in a comment or a text.
    return content if isinstance(content, bytes) else content.encode(errors="backslashreplace")


Files = dict[str, str | bytes]


def _link(project: Project, _: Suite | None) -> Files:
    return {STATE_FILE: project.link}


def _tools(project: Project, suite: Suite | None) -> Files:
    if suite is None:
        raise ValueError("the layer tools is written for a suite")
    lines = "".join(f"    {_quoted(each)},\n" for each in suite.requirements.arguments)
    text = _fill(
        "noxfile",
        project,
        REQUIREMENTS=lines,
        TESTS=", ".join(map(_quoted, suite.paths)),
        FAILURES=", ".join(map(_quoted, suite.known_failures)),
        CODES="0" if suite.has_tests else "0, 5",
        INDEXES=", ".join(map(_quoted, find_indexes(project.metadata))),
        WRITTEN=", ".join(map(_quoted, suite.written)),
        PYTHON=suite.python,
    )
    taken = [path for pattern in TAKEN for path in project.fresh.glob(pattern)]
    names = {path.relative_to(project.fresh).as_posix(): path.read_bytes() for path in taken}
    return {project.noxfile: text, **names}


def _hooks(project: Project, _: Suite | None) -> Files:
    ruff = "" if project.has_ruff_rules() else " --config=tools/ruff.toml"
    entries: list[str] = []
    for identifier, hook in HOOKS.items():
        entry = hook.entry.replace("{{RUFF}}", ruff)
        exclude = "*existing" if entries else f"&existing {_existing(project)}"
        entries.append(
            f"      - id: {identifier}\n"
            f"        name: {hook.name}\n"
            f"        entry: {entry}\n"
            f"        language: unsupported\n"
            f"        {hook.files}\n"
            f"        exclude: {exclude}"
        )
    text = _fill("pre-commit", project, HOOKS="\n".join(entries))
    return {"tools/pre-commit.yaml": text, "tools/hooks/pre-commit": _fill("hook", project)}


def _container(project: Project, _: Suite | None) -> Files:
    up = "../" * project.devcontainer.count("/")
    # The editor mounts the whole repository, whose place in the container no variable has.
    safe = "*" if project.prefix else "${containerWorkspaceFolder}"
    return {
        "tools/container/Dockerfile": _fill("Dockerfile", project),
        "tools/container/Dockerfile.dockerignore": _fill("dockerignore", project),
        "tools/container/compose.yaml": _fill("compose", project),
        project.devcontainer: _fill("devcontainer", project, UP=up, SAFE=safe),
    }


def _docs(project: Project, _: Suite | None) -> Files:
    found = {
        "Sphinx": [path for path in project.ours if re.fullmatch(r"(.*/)?conf\.py", path)],
        "MkDocs": [path for path in project.ours if re.fullmatch(r"mkdocs\.ya?ml", path)],
    }
    own = next((f"{tool} (`{paths[0]}`)" for tool, paths in found.items() if paths), "")
    text = f"The docs for users are made by {own}, as before." if own else ""
    return {
        "tools/mkdocs.yml": _fill("mkdocs", project),
        "tools/docs/index.md": _fill("index", project, OWN_DOCS=text).rstrip() + "\n",
    }


def _ci(project: Project, _: Suite | None) -> Files:
    place = project.prefix.rstrip("/")
    file = "" if project.noxfile == "noxfile.py" else f" -f {project.noxfile}"
    cd = ""
    if place and project.ci == "gitlab":
        cd = f"\n    - {_quoted(f'cd {shlex.quote(place)}')}"
    elif place:
        directory = _quoted(place).replace("${{", "${{ '${{' }}")  # a name, not an expression
        cd = f"\n    defaults:\n      run:\n        working-directory: {directory}"
    return {project.pipeline: _fill(project.ci, project, NOXFILE=file, JOB=project.job, CD=cd)}


_WRITERS: Mapping[str, Callable[[Project, Suite | None], Files]] = {
    "link": _link,
    "tools": _tools,
    "hooks": _hooks,
    "container": _container,
    "docs": _docs,
    "ci": _ci,
}


def _fill(name: str, project: Project, **values: str) -> str:
    """Return a file of the package, with what the project decides in place of `{{NAME}}`."""
    text = files("hangar_devkit.adopt.files").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    values |= {
        "NOX": project.nox,
        "NAME": "".join(c for c in project.metadata.name if c.isprintable() and c not in '\\"'),
        "BRANCH": json.dumps(project.branch),
        **_pins(project.fresh),
    }
    # In one pass: a value may look like a name.
    return re.sub(r"\{\{([A-Z_]+)\}\}", lambda found: values.get(found[1], found[0]), text)


def _pins(fresh: Path) -> dict[str, str]:
    """Return the versions that the template pins, out of its own files."""
    image = (fresh / "Dockerfile").read_text(encoding="utf-8")
    ci = "".join(
        path.read_text(encoding="utf-8")
        for name in (".github/workflows/ci.yml", ".gitlab-ci.yml")
        if (path := fresh / name).exists()
    )
    patterns = {
        "VERSION": (image, r"ARG PYTHON_VERSION=(\S+)"),
        "UV": (image, r"ARG UV_VERSION=(\S+)"),
        "NOX_VERSION": (ci, r"NOX_VERSION: \"?([\d.]+)"),
        "CHECKOUT": (ci, r"uses: (actions/checkout@.*)"),
        "SETUP_UV": (ci, r"uses: (astral-sh/setup-uv@.*)"),
    }
    found = {key: re.search(pattern, text) for key, (text, pattern) in patterns.items()}
    return {key: match[1] for key, match in found.items() if match}


def _existing(project: Project) -> str:
    """Return a YAML block: the expression for the files that the project had, and our sessions."""
    ours = {name for layer in LAYERS for name in (marker(project, layer),)}
    names = set()
    for path in project.ours:
        if path in ours or path.startswith(("tools/hangar", "tools/ruff.toml")):
            continue
        if path.startswith(_OURS_AND_THEIRS) or "/" not in path:
            names.add(f"{_escape(path)}$")
        else:
            names.add(f"{_escape(path.partition('/')[0])}/")
    names |= {f"{re.escape(project.noxfile)}$", r"tools/hangar\.py$", r"tools/ruff\.toml$"}
    lines = "\n".join(
        f"            {'| ' if n else '  '}{name}" for n, name in enumerate(sorted(names))
    )
    return f"|-\n          (?x)^(\n{lines}\n          )"


def _escape(path: str) -> str:
    """Return an expression for a path; what a text file cannot hold becomes "any character"."""
    return "".join(re.escape(each) if each.isprintable() else r"[\s\S]" for each in path)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())
