"""The MkDocs plugin, in sites that do not come from the template."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from hangar_devkit.docs.plugin import HangarPlugin

# Engine -> a theme that it can use.
ENGINES = {"mkdocs": "mkdocs", "properdocs": "material"}
CONFIG = """\
site_name: Tides
site_url: https://example.com/tides/
use_directory_urls: true
theme: { name: mkdocs }
plugins: [search, hangar]
"""


def create(root: Path) -> Path:
    """Create a plain MkDocs project with one page that links to the guide."""
    (root / "docs").mkdir()
    (root / "docs" / "index.md").write_text(
        "# Tides\n\n[Tests](environment/tests.md#debug-a-test)\n", encoding="utf-8"
    )
    (root / "pyproject.toml").write_text('[project]\nname = "tides"\n', encoding="utf-8")
    (root / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    return root


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A project to change."""
    return create(tmp_path)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is built. Read it only."""
    root = create(tmp_path_factory.mktemp("plain"))
    done = build(root)
    assert done.returncode == 0, done.stderr
    return root


def build(root: Path, engine: str = "mkdocs") -> subprocess.CompletedProcess[str]:
    """Build the site, strictly."""
    command = [sys.executable, "-m", engine, "build", "--strict", "--config-file=mkdocs.yml"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def built(root: Path, path: str) -> str:
    """Build the site and read one of its files."""
    done = build(root)
    assert done.returncode == 0, done.stderr
    return (root / "site" / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("engine", ENGINES)
def test_strict_build_passes(site: Path, engine: str) -> None:
    config = CONFIG.replace("name: mkdocs", f"name: {ENGINES[engine]}")
    (site / "mkdocs.yml").write_text(config, encoding="utf-8")
    done = build(site, engine)
    assert done.returncode == 0, done.stderr


def test_page_of_the_guide_is_built(plain: Path) -> None:
    page = plain / "site" / "environment" / "tests" / "index.html"
    assert "uv add --group test" in page.read_text(encoding="utf-8")


def test_picture_of_the_guide_is_built(plain: Path) -> None:
    picture = plain / "site" / "environment" / "pictures" / "roc.svg"
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_guide_can_be_searched(plain: Path) -> None:
    index = json.loads((plain / "site/search/search_index.json").read_text(encoding="utf-8"))
    assert "environment/strictness/" in {entry["location"] for entry in index["docs"]}


def test_guide_is_not_written_into_the_docs(plain: Path) -> None:
    assert not (plain / "docs" / "environment").exists()


def test_guide_has_no_edit_link(site: Path) -> None:
    with (site / "mkdocs.yml").open("a", encoding="utf-8") as file:
        file.write("repo_url: https://example.com/tides\nedit_uri: edit/main/docs/\n")
    assert "edit/main" not in built(site, "environment/tests/index.html")


def test_preflight_page_lists_what_is_declared(site: Path) -> None:
    with (site / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("[tool.preflight]\nlibraries.libpcap = true\n")
    assert "libpcap0.8" in built(site, "environment/preflight/index.html")


def test_project_without_pyproject_is_built(site: Path) -> None:
    (site / "pyproject.toml").unlink()
    assert "no <code>pyproject.toml</code>" in built(site, "environment/preflight/index.html")


def test_bad_declaration_fails_the_build(site: Path) -> None:
    with (site / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("[tool.preflight]\nlibrary.libpcap = true\n")
    assert "tool.preflight" in build(site).stderr


def test_bad_declaration_shows_no_traceback(site: Path) -> None:
    with (site / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("[tool.preflight]\nlibrary.libpcap = true\n")
    assert "Traceback" not in build(site).stderr


def test_guide_can_be_left_out(site: Path) -> None:
    (site / "docs" / "index.md").write_text("# Tides\n", encoding="utf-8")
    config = CONFIG.replace("hangar]", "hangar: { guide: false }]")
    (site / "mkdocs.yml").write_text(config, encoding="utf-8")
    build(site)
    assert not (site / "site" / "environment").exists()


def test_page_of_the_project_replaces_one_of_the_guide(site: Path) -> None:
    own = site / "docs" / "environment" / "tests.md"
    own.parent.mkdir()
    own.write_text("# Ours\n\n## Debug a test\n", encoding="utf-8")
    assert '<h1 id="ours">Ours</h1>' in built(site, "environment/tests/index.html")


def test_custom_templates_take_precedence(site: Path) -> None:
    partial = site / "overrides" / "partials" / "source.html"
    partial.parent.mkdir(parents=True)
    partial.write_text("ours", encoding="utf-8")
    main = "{% extends 'base.html' %}{% block content %}{% include 'partials/source.html' %}"
    (site / "overrides" / "main.html").write_text(main + "{% endblock %}", encoding="utf-8")
    config = CONFIG.replace("name: mkdocs", "name: mkdocs, custom_dir: overrides")
    (site / "mkdocs.yml").write_text(config, encoding="utf-8")
    assert "ours" in built(site, "index.html")


def serve(root: Path) -> None:
    """Do what the plugin does before each build while the docs are served."""
    plugin = HangarPlugin()
    plugin.on_startup(command="serve", dirty=False)
    plugin.on_pre_build(config={"config_file_path": str(root / "mkdocs.yml")})


def test_serving_a_plain_project_writes_nothing(site: Path) -> None:
    serve(site)
    assert [path.name for path in (site / "docs").rglob("*.md")] == ["index.md"]


def test_serving_writes_generated_docs(site: Path) -> None:
    with (site / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("[tool.hangar]\nshared = []\n")
    serve(site)
    assert (site / "docs" / "reference" / "contracts.md").exists()


def test_rule_of_a_decision_is_in_its_page() -> None:
    page = SimpleNamespace(
        meta={"status": "accepted", "forbid": "import pandas", "paths": "src/**/*.py"},
        file=SimpleNamespace(src_uri="decisions/0001-use-polars.md"),
    )
    shown = HangarPlugin().on_page_markdown("# Use Polars\n", page=page, config=None, files=None)
    assert "no `import pandas` in `src/**/*.py`" in shown
