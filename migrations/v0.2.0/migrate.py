"""Rewrite what a project's own files say of devkit, which is now a package, hangar_devkit.

Started in a copy of the project. It edits files that the user owns, and prints what it changed.
A second run changes nothing. The template's own files are left to the merge.
"""

import ast
import json
import os
import re
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

# Modules, old name and new. A longer name wins over a shorter one.
MODULES = {
    "devkit.contracts": "hangar_devkit.contracts",
    "devkit.decisions": "hangar_devkit.decisions",
    "devkit.docs": "hangar_devkit.docs",
    "devkit.docs.hook": "hangar_devkit.docs.plugin",
    "devkit.history": "hangar_devkit.history",
    "devkit.lint": "hangar_devkit.lint",
    "devkit.preflight": "hangar_devkit.preflight",
    "devkit.update": "hangar_devkit.update",
    "devkit.*": "hangar_devkit.*",  # in a list of modules without types
}
# Commands, old words and new.
COMMANDS = {
    "adr": "hangar adr",
    "api-changes": "hangar docs api-changes",
    "contracts": "hangar contracts",
    "history": "hangar history",
    "pages": "hangar docs pages",
    "preflight": "hangar preflight",
    "testlint": "hangar lint-tests",
    "triage": "hangar triage",
}
# pytest's names of the plugins, in `-p no:NAME` or in quotes.
PLUGINS = {"devkit_history": "hangar_history", "devkit_preflight": "hangar_preflight"}

# Messages of the edge and of the pipeline that tests of the example assert, old and new.
MESSAGES = {
    "the header misses ": "missing column ",
    "the header has unknown ": "unknown column ",
    "the header repeats ": "duplicate column ",
    r'("time\xff", "the header")': r'("time\xff", "missing columns")',
    "empty: not even a header": "empty file: no header",
    "good rows; the contract wants at least": "valid rows; the contract requires at least",
    "good rows; the contract allows": "valid rows; the contract allows at most",
    "the rejects file must be another file": "the rejects file must not be the input file",
    "must not fall below a row before": "must not be below an earlier row",
    "must not fall below": "must not be below",
    "time must be a valid datetime": "time must be an ISO 8601 date and time",
    "must be an ISO 8601 date or time": "must be an ISO 8601 date and time",
    "is no key here; there are": "is an unknown key; expected one of",
    "is no key here": "is an unknown key",
    "the value is no YAML": "the value is not valid YAML",
    '"no YAML"': '"not valid YAML"',
    "no window is complete": "no complete row or window",
    'r"ROC-AUC [01]': 'r"roc_auc [01]',
    "is no model of this project": "is not a model of this project",
    "another process runs here": "another process uses this directory",
    "`resume` sends it": "send it with `resume`",
    "had another roc_auc": "had a different roc_auc",
    "is not sound": "is invalid",
}
# Functions of the pipeline, by the module that a test must import for a rename in it.
FUNCTIONS = {
    "tracking.outbox": {"hold": "acquire_lock", "waiting": "undelivered"},
    "tracking.port": {"Past": "PastRun"},
    "tracking.database": {"located": "absolute_uri", "alone": "exclusive_access"},
    "pipeline.serving": {"hand_out": "export"},
    "pipeline.dask_runner": {"lend": "scatter", "bring_home": "gather"},
}

# Modules of the pipeline that moved, within the package, and names that moved or were renamed.
MOVED = {
    "models.callbacks": "models.training",
    "models.checkpoints": "models.files",
    "models.threads": "models.detector",
    "pipeline.gate": "pipeline.errors",
    "pipeline.repeating": "pipeline.running",
    "runners.cluster_memory": "pipeline.dask_runner",
    "runners.dask_runner": "pipeline.dask_runner",
}
# Names of the pipeline in its tests, old and new.
NAMES = {**MOVED, "KINDS": "MODEL_TYPES"}
MOVED_NAMES = {
    "models.backends.KINDS": "models.backends.MODEL_TYPES",
    "pipeline.configuration.ConfigurationError": "pipeline.errors.ConfigurationError",
    "pipeline.configuration.assigned": "pipeline.assigning.assigned",
    "pipeline.configuration.nested": "pipeline.assigning.nested",
    "pipeline.dask_runner.bring_home": "pipeline.dask_runner.gather",
    "pipeline.dask_runner.lend": "pipeline.dask_runner.scatter",
    "pipeline.loader.OUTBOX": "tracking.outbox.OUTBOX",
    "pipeline.packaging.PACKAGE": "models.parameters.PACKAGE",
    "pipeline.scoring.BATCH": "pipeline.nodes.windows.BATCH",
    "pipeline.scoring.WindowScore": "pipeline.nodes.windows.WindowScore",
    "pipeline.scoring.cut": "pipeline.nodes.windows.cut",
    "pipeline.serving.hand_out": "pipeline.serving.export",
    "pipeline.sweeping.CHALLENGER": "tracking.registry.CHALLENGER",
    "tracking.database.alone": "tracking.database.exclusive_access",
    "tracking.database.located": "tracking.database.absolute_uri",
    "tracking.outbox.hold": "tracking.outbox.acquire_lock",
    "tracking.outbox.waiting": "tracking.outbox.undelivered",
    "tracking.port.Past": "tracking.port.PastRun",
}
# The template's modules in the package, by directory: the merge updates them.
TEMPLATE_MODULES = {
    "edge": "arrays boundary contract csv_rows errors json_rows lines load rules save tables",
    "models": "callbacks checkpoints detector files leaderboard parameters threads torch_epoch"
    " training",
    "models/backends": "isolation_forest local_outlier_factor mlp_autoencoder pca"
    " torch_autoencoder",
    "pipeline": "__main__ commands configuration datasets gate hooks loader packaging plots"
    " repeating running scoring serving settings sweeping validators",
    "runners": "cluster_memory dask_runner",
    "tracking": "database mlflow_tracker outbox port record",
}

MODULE = re.compile(r"src/(\w+)/(?:(.+)/)?(\w+)\.py$")  # package, directory, name

# v0.1.0: where its module `edge` is kept, and the fixtures of the new example.
KEPT_EDGE = "edge_0_1"
FIXTURES = ("seeding", "records", "samples", "isolation", "fakes")

# Values of the key `kind` in `conf/`, which is called `type` now.
TYPES = (
    *("random", "group", "time", "walk_forward", "grid", "optuna", "seeded", "file"),
    *("sequential", "thread", "parallel", "dask", "step", "exponential", "cosine", "plateau"),
    *("mlp_autoencoder", "torch_autoencoder", "pca", "isolation_forest", "local_outlier_factor"),
)
FAULTS = r"[\"']?(?:spike|shift|drift|noise)\b"
# Until v0.2.0 Renovate's configuration had no place for the user's settings.
RENOVATE, NEW_RENOVATE = Path("renovate.json"), "renovate.json5"
OLD_RENOVATE: dict[str, Any] = {
    "$schema": "https://docs.renovatebot.com/renovate-schema.json",
    "extends": ["config:recommended", ":semanticCommitsDisabled"],
    "enabledManagers": ["pep621"],
    "ignorePaths": ["tools/**"],
    "minimumReleaseAge": "7 days",
    "lockFileMaintenance": {"enabled": True},
}
RENOVATE_LISTS = ("extends", "enabledManagers", "packageRules")

# The template's files, and those that record the past.
LEFT = (
    *("tools/devkit/*", "tools/ci/*", "tools/container/*", "tools/hooks/*", "tools/schemas/*"),
    *("tools/preflight.py", "tools/hangar.py", "tools/pyproject.toml", "tools/ruff.toml"),
    *("tools/hangar-devkit/*", "*.whl", "uv.lock", ".cruft.json", "CHANGELOG.md", "LICENSE"),
    *("docs/environment/*", "docs/decisions/*", "docs/reference/*", "noxfile.py", "mkdocs.yml"),
    *("Dockerfile", "compose.yaml", ".gitignore", ".dockerignore", ".gitattributes"),
    *(".devcontainer/devcontainer.json", ".gitlab-ci.yml", ".vscode/settings.json"),
    *(".vscode/extensions.json", ".github/workflows/ci.yml", ".github/workflows/audit.yml"),
    *(".github/workflows/docs.yml", ".github/workflows/update.yml", "renovate.json*"),
    *("AGENTS.md", "CONTRIBUTING.md", "SECURITY.md"),
)
HOOKS = ".pre-commit-config.yaml"  # shared: only what is between these marks is the user's
HOOKS_MARK, HOOKS_END = "yours:", "the template's:"
LINE_LENGTH = 100
TOO_OLD = """\
This release needs the updater of v0.2.0. Run:
  uvx --from 'git+{template}#subdirectory=devkit' hangar update"""
GENERATED = b"---\ngenerated:"  # how a generated page begins

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def main() -> int:
    """Migrate the project in the current directory; return 1 to an updater that is too old."""
    if "HANGAR_UPDATE" not in os.environ:
        # It would rename and delete files of the user, as it cannot read files.toml.
        print(TOO_OLD.format(template=_template()), file=sys.stderr)
        return 1
    for module in sorted(Path("src").glob("*/edge.py")):
        keep_example(module)
    for module in sorted(Path("src").glob("*/models/leaderboard.py")):
        keep_leaderboard(module)
    types = own_types() if Path("conf/base").is_dir() else []
    move_renovate(Path(os.environ.get("HANGAR_RENDERING", ""), NEW_RENOVATE))
    for path in sorted(Path().rglob("*")):
        name = path.as_posix()
        if path.is_symlink() or not path.is_file() or name.startswith(".git/"):
            continue
        if any(fnmatchcase(name, pattern) for pattern in LEFT):
            continue
        data = path.read_bytes()
        if b"\0" in data:
            continue
        # Every byte is one character: whatever the encoding is, it survives, as do line ends.
        text = data.decode("latin-1")
        new = migrated(name, text)
        _write(path, text, with_type_key(name, new, types) if types else new)
    # The page is now part of the guide on the site, and nothing writes this one any more.
    stale = Path("docs/reference/preflight.md")
    if stale.is_file() and stale.read_bytes().startswith(GENERATED):
        stale.unlink()
        print(f"{stale.as_posix()}: deleted, it was generated; see Environment, Preflight")
    return 0


def _template() -> str:
    """Return the address of the template, as uv reads it after `git+`."""
    try:
        template = str(json.loads(Path(".cruft.json").read_text(encoding="utf-8"))["template"])
    except (OSError, ValueError, KeyError):
        return "TEMPLATE"
    return f"file://{template}" if template.startswith("/") else template


def move_renovate(rendered: Path) -> None:
    """Move what the user set in renovate.json into the places of the new file.

    A file that is not plain JSON, or has other types, is left to the merge.
    """
    try:
        mine = json.loads(RENOVATE.read_text(encoding="utf-8"))
        new = rendered.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return
    if mine == OLD_RENOVATE or not isinstance(mine, dict) or Path(NEW_RENOVATE).exists():
        return
    if not all(isinstance(mine.get(key, []), list) for key in RENOVATE_LISTS):
        return
    wanted, presets = mine.get("extends", []), OLD_RENOVATE["extends"]
    changed = {key for key, old in OLD_RENOVATE.items() if mine.get(key) != old} - {"extends"}
    lines = [f"  {json.dumps(key)}: .*" for key in changed]
    lines += [f"    {json.dumps(each)},?" for each in presets if each not in wanted]
    # What the user changed or deleted; the file lists more managers than the old one.
    managers = _list(new, "enabledManagers")
    for line in lines:
        new = re.sub(rf"(?m)^{line}\n", "", new)
    settings = {key: mine[key] for key in mine if key in changed or key not in OLD_RENOVATE}
    if "enabledManagers" in settings:
        settings["enabledManagers"] = list(dict.fromkeys(managers + mine["enabledManagers"]))
    places = {
        "presets": [_indented(each, 4) for each in wanted if each not in presets],
        "rules": [_indented(each, 4) for each in settings.pop("packageRules", [])],
        "settings": [f'  "{key}": {_indented(each, 2).lstrip()}' for key, each in settings.items()],
    }
    for place, items in places.items():
        head, mark, rest = new.partition(f"// yours: {place}")
        line, end, tail = rest.partition("\n")
        new = head + mark + line + end + "".join(f"{item},\n" for item in items) + tail
    RENOVATE.with_name(NEW_RENOVATE).write_text(new, encoding="utf-8")
    RENOVATE.unlink()
    print(f"{RENOVATE}: your settings are now in {NEW_RENOVATE}")


def _list(text: str, key: str) -> list[str]:
    """Return the list of a key that is on one line."""
    found = re.search(rf'(?m)^  "{key}": (\[.*\])', text)
    return list(json.loads(found[1])) if found else []


def _indented(value: object, indent: int) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "\n".join(" " * indent + line for line in text.splitlines())


def keep_example(edge: Path) -> None:
    """Keep the example of v0.1.0 working beside the new one, whose edge is a package.

    Args:
        edge: The old module, which the user's code imports; the update deletes it.
    """
    package, kept = edge.parent, edge.with_name(KEPT_EDGE + ".py")
    if not kept.exists():
        kept.write_bytes(edge.read_bytes())
        print(f"{kept.as_posix()}: a copy of edge.py, for the code that imports it")
    for path in sorted([*package.rglob("*.py"), *Path("tests").rglob("*.py")]):
        data = path.read_bytes().decode("latin-1")
        new = re.sub(
            rf"(?m)^([ \t]*(?:from|import) (?:\.+|{package.name}\.))edge(?!\w)",
            rf"\1{KEPT_EDGE}",
            data,
        )
        new = re.sub(
            rf"(?m)^([ \t]*from (?:\.+|{package.name}) import )edge(?=\s*$)",
            rf"\1{KEPT_EDGE} as edge",
            new,
        )
        _write(path, data, new)
    # The new example's files arrive where the user has none, and use these two.
    schemas = package / "schemas" / "__init__.py"
    if schemas.is_file() and "Batch" not in (text := schemas.read_bytes().decode("latin-1")):
        new = re.sub(r"(?m)^(?=from \.)", "from .batch import Batch\n", text, count=1)
        _write(schemas, text, new.replace("__all__ = [", '__all__ = ["Batch", ', 1))
    conftest = Path("tests/conftest.py")
    if conftest.is_file() and "fixtures" not in (text := conftest.read_bytes().decode("latin-1")):
        plugins = "".join(f'    "fixtures.{name}",\n' for name in FIXTURES)
        _write(conftest, text, f"{text.rstrip()}\n\n\npytest_plugins = [\n{plugins}]\n")


def keep_leaderboard(module: Path) -> None:
    """Keep a module that the template deletes, beside the steps of the user that import it."""
    package = module.parents[1]
    steps = package / "pipeline" / "nodes"
    uses = [
        (path, text)
        for path in sorted([*package.rglob("*.py"), *Path("tests").rglob("*.py")])
        if not _is_of_template(path.as_posix())
        if "models.leaderboard" in (text := path.read_bytes().decode("latin-1"))
    ]
    if not uses or not steps.is_dir():
        return
    kept = steps / module.name
    if not kept.exists():
        kept.write_bytes(module.read_bytes())
        print(f"{kept.as_posix()}: a copy of {module.as_posix()}, for the code that imports it")
    for path, text in uses:
        new = text
        if path.parent == steps:
            new = re.sub(r"(?<=from )\.\.\.models\.leaderboard\b", ".leaderboard", text)
        _write(path, text, new.replace(".models.leaderboard", ".pipeline.nodes.leaderboard"))


def _write(path: Path, old: str, new: str) -> None:
    if new != old:
        path.write_bytes(new.encode("latin-1"))
        print(f"{path.as_posix()}: {_changed_lines(old, new)}")


def migrated(name: str, text: str) -> str:
    """Return a file's text after the migration."""
    if name == HOOKS:
        head, mark, rest = text.partition(HOOKS_MARK)
        hooks, end, tail = rest.partition(HOOKS_END)
        return head + mark + rewrite(hooks) + end + tail
    new = rewrite(text)
    if name.startswith("tests/") and name.endswith(".py"):
        new = _with_new_texts(new)
    if name.endswith(".py"):
        new = with_moved_imports(name, new)
    if name.endswith((".toml", ".cfg", ".ini")):
        new = _without_sources(new)
    if re.fullmatch(r"conf/.*catalog[^/]*\.ya?ml", name):
        new = _with_types(new)
    if name.endswith(("mkdocs.yml", "mkdocs.yaml")):
        new = _with_plugin(new)
    if name.endswith(".py") and new != text:
        new = _sorted_imports(text, new)
    return new


def _with_new_texts(text: str) -> str:
    """Replace messages and names of the example in a test of it."""
    text = re.sub(
        r"rows are bad; the limit is ([^;\"]+); the last is row \d+: ?",
        r"rows are invalid, the limit is \1; ",
        text,
    )
    text = re.sub(r"\b(rows are|) bad( rows|); the limit is", r"\1 invalid\2, the limit is", text)
    text = re.sub(
        r"(?:conf has )?no (environment|sweep) ('[^']*'); there are",
        r"unknown \1 \2 in conf; expected one of",
        text,
    )
    text = re.sub(
        r"(\d+) good, (\d+) bad; (\d+) windows", r"\1 valid, \2 invalid; \3 predictions", text
    )
    text = re.sub(r"for _, _, (\w+) in scoring\.cut\(", r"for *_, \1 in scoring.cut(", text)
    text = re.sub(  # the windows of the example are in a file of the user
        r"(?m)^from (\S+)\.pipeline import ([\w, ]+), scoring$",
        r"from \1.pipeline import \2\nfrom \1.pipeline.nodes import windows as scoring",
        text,
    )
    for old, new in MESSAGES.items():
        text = text.replace(old, new)
    for old, new in NAMES.items():
        text = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, text)
    for module, names in FUNCTIONS.items():
        for old, new in names.items() if module in text else ():
            called = "" if old[0].isupper() else r"(?=\(|,|\)?$)"  # a type stands anywhere
            text = re.sub(rf"(?<=[ ,(.\[]){old}\b{called}", new, text, flags=re.MULTILINE)
    return text


def with_moved_imports(name: str, text: str) -> str:
    """Import what moved in the pipeline from where it is, in a file of the user.

    A name that was renamed is imported under the old one, so the code below stays as it is.
    """
    if _is_of_template(name):
        return text
    found = MODULE.match(name)
    package = found[1] if found else _package()
    if not package:
        return text
    for old, new in MOVED.items():  # also in strings, such as those of a patch
        text = re.sub(rf"(?<![\w.]){package}\.{re.escape(old)}(?!\w)", f"{package}.{new}", text)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return text
    lines = text.splitlines(keepends=True)
    above = [*found[2].split("/")] if found and found[2] else []
    for node in sorted(ast.walk(tree), key=lambda each: getattr(each, "lineno", 0), reverse=True):
        if isinstance(node, ast.ImportFrom) and (new := _moved(node, package, above)):
            start, end = node.lineno - 1, node.end_lineno or node.lineno
            if lines[start][: node.col_offset].strip() or ";" in lines[end - 1]:
                continue  # several statements in a line
            line_end = "\r\n" if lines[start].endswith("\r\n") else "\n"
            indent = lines[start][: node.col_offset]
            lines[start:end] = [_wrapped(f"{indent}{each}{line_end}") for each in new]
    return "".join(lines)


def _is_of_template(name: str) -> bool:
    """Return whether a file is a module of the template, which the merge updates."""
    found = MODULE.match(name)
    if not found:
        return False
    return found[3] in f"__init__ {TEMPLATE_MODULES.get(found[2] or '', '')}".split()


def _package() -> str:
    """Return the name of the project's package; empty if there is not exactly one."""
    packages = [each.parent.name for each in Path("src").glob("*/pipeline")]
    return packages[0] if len(packages) == 1 else ""


def _moved(node: ast.ImportFrom, package: str, above: list[str]) -> list[str]:
    """Return statements that replace an import; none if nothing in it moved."""
    base = (node.module or "").split(".") if node.module else []
    if node.level:
        # `above` are the directories of the file below the package.
        base = [*above[: len(above) - node.level + 1], *base]
    elif base[:1] == [package]:
        base = base[1:]
    else:
        return []
    by_module: dict[str, list[str]] = {}
    has_moved = False
    for alias in node.names:
        module = MOVED.get(".".join(base), ".".join(base))
        old = ".".join([*([module] if module else []), alias.name])
        new = MOVED.get(old) or MOVED_NAMES.get(old) or old
        has_moved |= new != old or module != ".".join(base)
        parent, _, name = new.rpartition(".")
        shown = alias.asname or (alias.name if name != alias.name else None)
        by_module.setdefault(parent, []).append(f"{name} as {shown}" if shown else name)
    if not has_moved:
        return []
    prefix = "." * (len(above) + 1) if node.level else f"{package}."
    return [
        f"from {prefix}{module} import {', '.join(names)}" for module, names in by_module.items()
    ]


def rewrite(text: str) -> str:
    """Apply every rule to a text."""
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text


def _alternatives(names: dict[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _quoted(words: str, quote: str) -> str:
    return ", ".join(f"{quote}{word}{quote}" for word in words.split())


_COMMAND = rf"(?P<command>{_alternatives(COMMANDS)})"
_VALUE = r"--(?:extra|group|only-group|package|project|directory|python|with|env-file)[ ]\S+"
_QUOTED_COMMAND = rf"(?P<quote>[\"']){_COMMAND}(?P=quote)"

RULES: tuple[Rule, ...] = (
    # python -m devkit.update, as words and as a list
    (re.compile(r"(?<=-m )devkit\.update(?![\w.])"), lambda _: "hangar_devkit update"),
    (
        re.compile(r"(?P<flag>([\"'])-m\2, ?)(?P<quote>[\"'])devkit\.update(?P=quote)"),
        lambda found: found["flag"] + _quoted("hangar_devkit update", found["quote"]),
    ),
    # imports of the package itself
    (
        re.compile(r"^([ \t]*from )devkit( import )", re.MULTILINE),
        lambda m: f"{m[1]}hangar_devkit{m[2]}",
    ),
    (
        re.compile(r"^([ \t]*import )devkit(?: as (\w+))?(?=[ \t]*(?:#.*)?\r?$)", re.MULTILINE),
        lambda found: f"{found[1]}hangar_devkit as {found[2] or 'devkit'}",
    ),
    # modules: in imports, attributes, strings, options
    (
        re.compile(rf"(?:(?<![\w./\\-])|(?<=-p)){'(' + _alternatives(MODULES) + ')'}(?!\w)"),
        lambda found: MODULES[found[1]],
    ),
    # plugins
    (
        re.compile(rf"(?<=no:)({_alternatives(PLUGINS)})(?!\w)"),
        lambda found: PLUGINS[found[1]],
    ),
    (
        re.compile(rf"(?P<quote>[\"'])({_alternatives(PLUGINS)})(?P=quote)"),
        lambda found: found["quote"] + PLUGINS[found[2]] + found["quote"],
    ),
    # the launcher, as words and as an item of a list
    (
        re.compile(r"(?P<quote>[\"'])tools/preflight\.py(?P=quote)(?=\s*[,\])])"),
        lambda found: _quoted("tools/hangar.py preflight", found["quote"]),
    ),
    (
        re.compile(
            rf"(?P<run>(?:\bpython[\d.]*|\buv run(?: +(?:{_VALUE}|--?[\w=.>-]+))*) +)"
            r"(?:\./)?tools/preflight\.py\b"
        ),
        lambda found: f"{found['run']}tools/hangar.py preflight",
    ),
    # uv run COMMAND, as words and as a list
    (
        re.compile(
            rf"(?P<run>\buv run(?: +(?:{_VALUE}|--?[\w=.>-]+))* +|\.venv/bin/){_COMMAND}(?![\w./-])"
        ),
        lambda found: found["run"] + COMMANDS[found["command"]],
    ),
    (
        re.compile(
            r"(?P<run>([\"'])uv\2,\s*([\"'])run\3,\s*(?:[\"']--?[^\"']*[\"'],\s*)*"
            r"|\bsession\.run\(\s*|\btool\(\s*session,\s*|\bsubprocess\.\w+\(\s*[\[(]\s*)"
            + _QUOTED_COMMAND
        ),
        lambda found: found["run"] + _quoted(COMMANDS[found["command"]], found["quote"]),
    ),
)


def _without_sources(text: str) -> str:
    """Drop settings for the sources in tools/devkit, which are no longer in the project."""
    item = r"[\"']tools/devkit(?:/[^\"']*)?[\"']"
    text = re.sub(rf"(?m)^[ \t]*{item}[ \t]*(?:=.*|,[ \t]*(?:#.*)?)\r?\n", "", text)
    text = re.sub(rf"(?<=\[)\s*{item}\s*(?=\])", "", text)
    return re.sub(rf"{item},[ \t]*|,[ \t]*{item}", "", text)


def _with_types(text: str) -> str:
    """Give the datasets of the example the types by which the tracking finds them."""
    for name in ("metrics", "leaderboard"):
        text = re.sub(
            rf"(?m)^({name}:\r?\n  type: \S+\.)Document(?=\r?$)", rf"\1{name.title()}", text
        )
    return text


def own_types() -> list[str]:
    """Return the values of `kind` in the pipeline, those of the user's classes included."""
    types = {*TYPES}
    for path in sorted(Path("src").rglob("*.py")):
        text = path.read_bytes().decode("latin-1")
        if _declares_types(path.as_posix(), text):
            types.update(re.findall(r"\bkind: Literal\[[\"']([^\"']+)", text))
    return sorted(types)


def _declares_types(name: str, text: str) -> bool:
    """Return whether a module of the user may declare sections: a model may be in any module."""
    return bool(
        re.fullmatch(r"src/[^/]+/pipeline/(?:parameters|nodes/.*)\.py", name)
        or (name.startswith("src/") and re.search(r"(?m)^class Parameters\b", text))
    )


def with_type_key(name: str, text: str, types: list[str]) -> str:
    """Rename the key `kind` in the configuration of the pipeline, and in code that reads it."""
    value = rf"(?P<q>[\"']?)(?:{'|'.join(map(re.escape, types))})(?P=q)(?![\w.-])"
    if re.fullmatch(r"conf/.*\.ya?ml", name):
        text = re.sub(rf"\bkind(?=[\"']?[ \t]*:[ \t]+{value})", "type", text)
        text = re.sub(r"(?<=\.)kind(?=[ \t]*:[ \t]*(?:\[|\r?$))", "type", text, flags=re.MULTILINE)
        return re.sub(rf"\bkinds(?=[ \t]*:\s*[\[-]\s*{FAULTS})", "types", text)
    is_code = _declares_types(name, text)
    is_test = re.fullmatch(r"tests/.*\.py", name) and re.search(r"\b(?:pipeline|models)\b", text)
    if is_code or is_test:
        text = re.sub(rf"\bkind(?==(?=[\"']){value})", "type", text)
        text = re.sub(rf"\bkind(?=[\"']?: ?{value})", "type", text)
        text = re.sub(r"(?<=discriminator=[\"'])kind(?=[\"'])", "type", text)
        text = re.sub(
            r"(?<![\w.])((?:\w+\.)*(?:source|method|model|split|runner|search|parameters|m))\.kind\b",
            r"\1.type",
            text,
        )
        text = re.sub(r"(?<=faults\.)kinds\b", "types", text)
        text = re.sub(rf"\bkinds(?=: tuple\[Literal\[{FAULTS})", "types", text)
    return re.sub(r"(?m)^([ \t]+)kind(?=: Literal\[[\"'])", r"\1type", text) if is_code else text


def _with_plugin(text: str) -> str:
    """Put the plugin in place of the theme and the hook, in a site of the user's own."""
    old = re.compile(
        r"(?m)^[ \t]*(?:custom_dir: tools/devkit/docs/theme|hooks: \[tools/devkit/docs/hook\.py\]"
        r"|- (?:hangar_)?devkit\.docs\.diagrams|- tools/devkit/docs/hook\.py)[ \t]*\r?\n"
    )
    new = old.sub("", text)
    if new == text or re.search(r"(?m)^\s*- hangar\b", new):
        return new
    new = re.sub(r"(?m)^hooks:[ \t]*\r?\n(?![ \t]*-)", "", new)
    end = "\r\n" if "\r\n" in text else "\n"
    if "plugins: [" in new:
        return new.replace("plugins: [", "plugins: [hangar, ", 1)
    if found := re.search(r"(?m)^plugins:[ \t]*\r?\n([ \t]*)- ", new):
        return f"{new[: found.start(1)]}{found[1]}- hangar{end}{new[found.start(1) :]}"
    return f"{new}plugins:{end}  - search{end}  - hangar{end}"


def _sorted_imports(text: str, new: str) -> str:
    """Move changed imports to where the linter expects them, and wrap long ones."""
    old_lines, lines = text.splitlines(keepends=True), new.splitlines(keepends=True)
    if len(old_lines) != len(lines):
        return new
    result: list[str] = []
    index = 0
    while index < len(lines):
        end = index
        statements: list[tuple[str, str]] = []  # old text and new
        while end < len(lines) and re.match(r"(?:from|import) ", lines[end]):
            after = end + 1
            while "(" in lines[end] and ")" not in lines[after - 1] and after < len(lines):
                after += 1
            statements.append(("".join(old_lines[end:after]), "".join(lines[end:after])))
            end = after
        if not statements:
            result.append(lines[index])
            index += 1
            continue
        before = [_order(old) for old, _ in statements]
        if before == sorted(before):
            statements.sort(key=lambda pair: _order(pair[1]))
        result += [_wrapped(line) if line != old else line for old, line in statements]
        index = end
    return "".join(result)


def _order(statement: str) -> tuple[bool, str]:
    kind, module = statement.split(maxsplit=2)[:2]
    return kind == "from", module.lower()


def _wrapped(line: str) -> str:
    bare = line.rstrip("\r\n")
    found = re.fullmatch(r"from (\S+) import (\w+(?: as \w+)?(?:, \w+(?: as \w+)?)*)", bare)
    if len(bare) <= LINE_LENGTH or not found:
        return line
    end = line[len(bare) :]
    names = "".join(f"    {name},{end}" for name in found[2].split(", "))
    return f"from {found[1]} import ({end}{names}){end}"


def _changed_lines(old: str, new: str) -> str:
    before, after = old.splitlines(), new.splitlines()
    number = sum(line not in set(before) for line in after) or abs(len(before) - len(after)) or 1
    return f"{number} line{'s' * (number != 1)}"


if __name__ == "__main__":
    sys.exit(main())
