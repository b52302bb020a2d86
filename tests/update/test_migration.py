"""The migration to v0.2.0 rewrites what a project's own files say of devkit, and nothing else."""

import ast
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import json5
import pytest

from tests.support import template
from tests.support.engine import render_file
from tests.support.series import REPOSITORY

SCRIPT = REPOSITORY / "migrations" / "v0.2.0" / "migrate.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("migrate_v0_2_0", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


migrate = load()

REWRITTEN: dict[str, tuple[str, str, str]] = {
    "an import": (
        "tests/test_a.py",
        "from devkit.contracts.examples import example\n",
        "from hangar_devkit.contracts.examples import example\n",
    ),
    "an import in a function": (
        "tests/test_a.py",
        "def f():\n    import devkit.history\n    return devkit.history\n",
        "def f():\n    import hangar_devkit.history\n    return hangar_devkit.history\n",
    ),
    "a subpackage": (
        "nox_local.py",
        "from devkit import contracts\n",
        "from hangar_devkit import contracts\n",
    ),
    "the package": ("src/p/a.py", "import devkit\n", "import hangar_devkit as devkit\n"),
    "a name in a string": (
        "tests/conftest.py",
        'pytest_plugins = ["devkit.history.plugin"]\n',
        'pytest_plugins = ["hangar_devkit.history.plugin"]\n',
    ),
    "a plugin that is loaded": (
        "Makefile",
        "\tpytest -p devkit.history.plugin -pdevkit.preflight.plugin\n",
        "\tpytest -p hangar_devkit.history.plugin -phangar_devkit.preflight.plugin\n",
    ),
    "a plugin that is blocked": (
        "pyproject.toml",
        'addopts = ["-p", "no:devkit_history", "-pno:devkit_preflight"]\n',
        'addopts = ["-p", "no:hangar_history", "-pno:hangar_preflight"]\n',
    ),
    "a plugin that is asked for": (
        "tests/conftest.py",
        'manager.hasplugin("devkit_history")\n',
        'manager.hasplugin("hangar_history")\n',
    ),
    "modules without types": (
        "pyproject.toml",
        'module = ["devkit.*", "yaml.*"]\n',
        'module = ["hangar_devkit.*", "yaml.*"]\n',
    ),
    "checked sources": (
        "pyproject.toml",
        'files = ["src", "tools/devkit"]\nexclude = ["tools/devkit/docs"]\n',
        'files = ["src"]\nexclude = []\n',
    ),
    "rules for the sources": (
        "pyproject.toml",
        '[tool.ruff.lint.per-file-ignores]\n"tools/devkit/**" = ["D"]\n"tests/**" = ["S"]\n',
        '[tool.ruff.lint.per-file-ignores]\n"tests/**" = ["S"]\n',
    ),
    "the launcher": (
        ".github/workflows/ours.yml",
        "run: python3 tools/preflight.py --scope=ci\n",
        "run: python3 tools/hangar.py preflight --scope=ci\n",
    ),
    "the launcher in a list": (
        "nox_local.py",
        'session.run(sys.executable, "tools/preflight.py", "--fix", external=True)\n',
        'session.run(sys.executable, "tools/hangar.py", "preflight", "--fix", external=True)\n',
    ),
    "a command": ("README.md", "`uv run triage --json`\n", "`uv run hangar triage --json`\n"),
    "a command after options": (
        "scripts/check.sh",
        "uv run --frozen --group test contracts --drift && uv run testlint\n",
        "uv run --frozen --group test hangar contracts --drift && uv run hangar lint-tests\n",
    ),
    "a command of two words": (
        "docs/ours.md",
        "    uv run pages --check\n    uv run api-changes\n",
        "    uv run hangar docs pages --check\n    uv run hangar docs api-changes\n",
    ),
    "a command in a list": (
        "nox_local.py",
        "session.run('uv', 'run', '--frozen', 'pages', '--check')\n",
        "session.run('uv', 'run', '--frozen', 'hangar', 'docs', 'pages', '--check')\n",
    ),
    "a command of a session": (
        "nox_local.py",
        'tool(session, "testlint", "--overlap")\n',
        'tool(session, "hangar", "lint-tests", "--overlap")\n',
    ),
    "the update": (
        "scripts/update.sh",
        "PYTHONPATH=tools python -m devkit.update --check\n",
        "PYTHONPATH=tools python -m hangar_devkit update --check\n",
    ),
    "the order of imports": (
        "tests/test_a.py",
        (
            "import pytest\nfrom devkit.lint import source\nfrom fixtures import chance\n"
            "from hypothesis import given\n"
        ),
        (
            "import pytest\nfrom fixtures import chance\nfrom hangar_devkit.lint import source\n"
            "from hypothesis import given\n"
        ),
    ),
    "a hook of the user": (
        ".pre-commit-config.yaml",
        "entry: uv run testlint\n# yours: hooks\nentry: uv run adr lint\n",
        "entry: uv run testlint\n# yours: hooks\nentry: uv run hangar adr lint\n",
    ),
    "the type of a dataset": (
        "conf/base/catalog.yml",
        "metrics:\n  type: p.pipeline.datasets.Document\n  filepath: x\n",
        "metrics:\n  type: p.pipeline.datasets.Metrics\n  filepath: x\n",
    ),
    "the windows of the example": (
        "tests/test_a.py",
        "from p.pipeline import plots, scoring\nx = [v for _, _, v in scoring.cut(y)]\n",
        (
            "from p.pipeline import plots\nfrom p.pipeline.nodes import windows as scoring\n"
            "x = [v for *_, v in scoring.cut(y)]\n"
        ),
    ),
    "moved modules of the pipeline": (
        "src/p/pipeline/nodes/mine.py",
        (
            "from ...models import callbacks, files\n"
            "from ...models.checkpoints import CheckpointFile\n"
            "from ..configuration import ConfigurationError, read\n"
            "from ..gate import table\n"
            "from p.tracking.port import Past\n"
        ),
        (
            "from ...models import training as callbacks, files\n"
            "from ...models.files import CheckpointFile\n"
            "from ...pipeline.errors import ConfigurationError\n"
            "from ...pipeline.configuration import read\n"
            "from ...pipeline.errors import table\n"
            "from p.tracking.port import PastRun as Past\n"
        ),
    ),
    "a moved module in another part of the package": (
        "src/p/reports.py",
        "from .pipeline import gate\nfrom .pipeline.gate import GateError\n",
        "from .pipeline import errors as gate\nfrom .pipeline.errors import GateError\n",
    ),
    "a moved module in a string": (
        "tests/test_a.py",
        'from p.models.backends import KINDS\npatch("p.runners.dask_runner.DaskRunner")\n',
        ('from p.models.backends import MODEL_TYPES\npatch("p.pipeline.dask_runner.DaskRunner")\n'),
    ),
    "a site of the user": (
        "docs-internal/mkdocs.yml",
        (
            "theme:\n  name: material\n  custom_dir: tools/devkit/docs/theme\n"
            "plugins:\n  - search\nhooks: [tools/devkit/docs/hook.py]\n"
        ),
        "theme:\n  name: material\nplugins:\n  - hangar\n  - search\n",
    ),
}
KEPT: dict[str, tuple[str, str]] = {
    "a module that did not move": ("tests/test_a.py", "from p.pipeline.sweeping import sweep\n"),
    "a package of the user": (
        "tests/test_a.py",
        "from devkit_x.history import y\nimport devkitten\n",
    ),
    "a part of another package": ("src/p/a.py", "from ours.devkit.history import y\n"),
    "an attribute": ("src/p/a.py", "self.devkit.history.append(1)\n"),
    "words in prose": ("README.md", "The history of the contracts; run preflight, then adr.\n"),
    "a script of that name": (
        "README.md",
        "uv run history.py && uv run pages/x && uv run adr-tool\n",
    ),
    "a path": ("docs/ours.md", "See tools/preflight.py and https://example.com/devkit.docs.\n"),
    "a record": ("docs/decisions/0014-ours.md", "We run `uv run contracts`.\n"),
    "a module of the template": (
        "src/p/models/training.py",
        "from .callbacks import plateau\n",
    ),
    "an import that did not move": ("src/p/a.py", "from .tracking.port import Tracker\n"),
    "a file of the template": ("tools/hooks/run", "uv run preflight\n"),
}


def run(root: Path, name: str, data: bytes) -> bytes:
    """Migrate a project of one file; return what the file is then."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("HANGAR_UPDATE", "1")
        migrate.main()
    return (root / name).read_bytes()


@pytest.mark.parametrize("case", REWRITTEN)
def test_rewritten(case: str, tmp_path: Path) -> None:
    name, old, new = REWRITTEN[case]
    assert run(tmp_path, name, old.encode()).decode() == new


@pytest.mark.parametrize("case", REWRITTEN)
def test_a_second_run_changes_nothing(case: str, tmp_path: Path) -> None:
    name, _, new = REWRITTEN[case]
    assert run(tmp_path, name, new.encode()).decode() == new


@pytest.mark.parametrize("case", KEPT)
def test_kept(case: str, tmp_path: Path) -> None:
    name, text = KEPT[case]
    assert run(tmp_path, name, text.encode()).decode() == text


RENAMED_KEYS: dict[str, tuple[str, str]] = {
    "conf/base/parameters.yml": (
        """\
data:
  source:
    kind: seeded # or file
faults:
  kinds: [spike, shift]
training:
  model: { kind: p.nodes.own, learning_rate: { "kind": plateau } }
boiler: { kind: gas } # a key of the user's own
""",
        """\
data:
  source:
    type: seeded # or file
faults:
  types: [spike, shift]
training:
  model: { type: p.nodes.own, learning_rate: { "type": plateau } }
boiler: { kind: gas } # a key of the user's own
""",
    ),
    "conf/base/sweeps.yml": (
        "x:\n  search: {kind: random}\n  training.model.kind: [pca]\n",
        "x:\n  search: {type: random}\n  training.model.type: [pca]\n",
    ),
    "src/p/pipeline/parameters.py": (
        '    kind: Literal["seeded"] = "seeded"\n    s: A | B = Field(discriminator="kind")\n',
        '    type: Literal["seeded"] = "seeded"\n    s: A | B = Field(discriminator="type")\n',
    ),
    "src/p/pipeline/nodes/features.py": (
        "n = faults.kinds[0]\nif a.dtype.kind == data.source.kind:\n",
        "n = faults.types[0]\nif a.dtype.kind == data.source.type:\n",
    ),
    "src/p/pipeline/running.py": (  # of the template
        'if declared.kind == "thread":\n',
        'if declared.kind == "thread":\n',
    ),
    "tests/pipeline/test_a.py": (
        'method(kind="time")\nsort(kind="stable")\nrun("training.model={kind: pca}")  # pipeline\n',
        'method(type="time")\nsort(kind="stable")\nrun("training.model={type: pca}")  # pipeline\n',
    ),
}


@pytest.mark.parametrize("name", RENAMED_KEYS)
def test_key_of_the_pipeline_is_renamed(name: str, tmp_path: Path) -> None:
    own = tmp_path / "src/p/nodes/own.py"
    own.parent.mkdir(parents=True)
    own.write_text('class Parameters(Contract):\n    kind: Literal["p.nodes.own"]\n')
    (tmp_path / "conf/base").mkdir(parents=True)
    old, new = RENAMED_KEYS[name]
    assert run(tmp_path, name, old.encode()).decode() == new


def test_key_of_another_project_is_kept(tmp_path: Path) -> None:
    text = "kind: file\n"
    assert run(tmp_path, "conf/settings.yml", text.encode()).decode() == text


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (
            "src/p/pipeline/nodes/evaluation.py",
            "from ...models.leaderboard import leaderboard\n",
            "from .leaderboard import leaderboard\n",
        ),
        (
            "src/p/reports.py",
            "from .models.leaderboard import leaderboard\n",
            "from .pipeline.nodes.leaderboard import leaderboard\n",
        ),
        (
            "src/p/other/part/ranks.py",
            "from ...models.leaderboard import leaderboard\n",
            "from ...pipeline.nodes.leaderboard import leaderboard\n",
        ),
        (
            "tests/models/test_leaderboard.py",
            "from p.models.leaderboard import leaderboard\n",
            "from p.pipeline.nodes.leaderboard import leaderboard\n",
        ),
    ],
)
def test_deleted_module_stays_for_code_that_imports_it(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    for path in ("src/p/models/leaderboard.py", "src/p/pipeline/nodes/__init__.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text('"""Rank."""\n')
    migrated = run(tmp_path, name, old.encode()).decode()
    kept = (tmp_path / "src/p/pipeline/nodes/leaderboard.py").read_text()
    assert (migrated, kept) == (new, '"""Rank."""\n')


OLD = json.dumps(migrate.OLD_RENOVATE, indent=2)
OWN = {
    **migrate.OLD_RENOVATE,
    "extends": [":semanticCommitsDisabled", "local>team/presets"],
    "enabledManagers": ["pep621", "npm"],
    "minimumReleaseAge": "14 days",
    "packageRules": [{"matchPackageNames": ["numpy"], "allowedVersions": "<3"}],
    "timezone": "Europe/Berlin",
}
del OWN["lockFileMaintenance"]


def moved(directory: Path, text: str) -> Path:
    """Return a project with a renovate.json, after the migration."""
    project, rendering = directory / "project", directory / "rendering"
    project.mkdir()
    rendering.mkdir()
    new = render_file("renovate.json5", {})
    (rendering / "renovate.json5").write_text(new, encoding="utf-8")
    (project / "renovate.json").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        patch.setenv("HANGAR_UPDATE", "1")
        patch.setenv("HANGAR_RENDERING", str(rendering))
        migrate.main()
    return project


@pytest.mark.parametrize("text", [OLD, "// comment\n" + OLD, "[1]", '{"extends": "x"}'])
def test_settings_of_renovate_are_left_to_the_merge(tmp_path: Path, text: str) -> None:
    assert (moved(tmp_path, text) / "renovate.json").read_text(encoding="utf-8") == text


def test_settings_of_renovate_have_their_places(tmp_path: Path) -> None:
    text = (moved(tmp_path, json.dumps(OWN)) / "renovate.json5").read_text(encoding="utf-8")
    new = json5.loads(render_file("renovate.json5", {}))
    del new["lockFileMaintenance"]
    assert json5.loads(text) == {
        **new,
        "extends": ["local>team/presets", *new["extends"][1:]],
        "enabledManagers": [*new["enabledManagers"], "npm"],
        "minimumReleaseAge": "14 days",
        "packageRules": [*new["packageRules"], *OWN["packageRules"]],
        "timezone": "Europe/Berlin",
    }


def test_a_new_setting_of_renovate_is_one_more_line(tmp_path: Path) -> None:
    text = moved(tmp_path, json.dumps({**migrate.OLD_RENOVATE, "timezone": "UTC"}))
    lines = (text / "renovate.json5").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "timezone" not in line] == render_file(
        "renovate.json5", {}
    ).splitlines()


def test_the_old_file_of_renovate_is_gone(tmp_path: Path) -> None:
    assert not (moved(tmp_path, json.dumps(OWN)) / "renovate.json").exists()


def _definitions(module: str) -> set[str]:
    """Return what a module of the template defines or imports."""
    base = template.source(f"src/my_project/{module.replace('.', '/')}")
    file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    tree = ast.parse(re.sub(r"\{\{.*?\}\}", "my_project", file.read_text(encoding="utf-8")))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.alias)]
    names = {node.id if isinstance(node, ast.Name) else node.name for node in nodes}
    defined = (ast.FunctionDef, ast.ClassDef)
    return names | {node.name for node in tree.body if isinstance(node, defined)}


# A name of each module that moved; they are imported by the steps of a user.
OF_MOVED = {
    "models.callbacks": "plateau",
    "models.checkpoints": "CheckpointFile",
    "models.threads": "one_thread",
    "pipeline.gate": "GateError",
    "pipeline.repeating": "repeat",
    "runners.cluster_memory": "ClusterMemory",
    "runners.dask_runner": "DaskRunner",
}


@pytest.mark.parametrize(
    "old", [*migrate.MOVED_NAMES, *(f"{each}.{name}" for each, name in OF_MOVED.items())]
)
@pytest.mark.parametrize("package", ["...", "my_project."])
def test_users_import_of_what_moved_works(old: str, package: str) -> None:
    module, _, name = old.rpartition(".")
    text = f"from {package}{module} import {name}\n"
    steps = "src/my_project/pipeline/nodes/mine.py"
    (node,) = ast.parse(migrate.with_moved_imports(steps, text)).body
    assert isinstance(node, ast.ImportFrom)
    target = (node.module or "").removeprefix("my_project.")
    assert node.names[0].name in _definitions(target)


def test_every_module_that_moved_is_tried() -> None:
    assert set(OF_MOVED) == set(migrate.MOVED)


def test_line_ends_and_bytes_survive(tmp_path: Path) -> None:
    data = b"# \xe9 \xff\r\nfrom devkit.lint import source\r\n\x0c"
    assert run(tmp_path, "tests/test_a.py", data) == data.replace(b"devkit", b"hangar_devkit")


def test_a_binary_file_is_left(tmp_path: Path) -> None:
    data = b"\0uv run contracts"
    assert run(tmp_path, "data/a.bin", data) == data


def test_a_long_import_is_wrapped(tmp_path: Path) -> None:
    names = ", ".join(f"name_{number:04}" for number in range(6))
    old = f"from devkit.contracts.examples import {names}\n"
    lines = "".join(f"    {name},\n" for name in names.split(", "))
    new = f"from hangar_devkit.contracts.examples import (\n{lines})\n"
    assert run(tmp_path, "tests/test_a.py", old.encode()).decode() == new


def test_what_changed_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "tests/test_a.py", b"import devkit.lint\nimport devkit.docs\n")
    assert capsys.readouterr().out == "tests/test_a.py: 2 lines\n"
