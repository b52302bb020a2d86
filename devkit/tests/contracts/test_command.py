"""The command `hangar contracts` on a package that is not from the template."""

import contextlib
import json
import subprocess
import sys
import types
from pathlib import Path

import pytest

from hangar_devkit.contracts.cli import main
from hangar_devkit.contracts.export import file_name

PYPROJECT = """\
[project]
name = "harbour"
version = "1.0.0"

[tool.hangar]
contracts = "harbour.models"
settings = "harbour.config:Options"
"""
MODELS = '''\
from datetime import datetime

from pydantic import BaseModel, Field

from harbour.base import Base


class _Private(BaseModel):
    x: int


class Berth(Base):
    """A place for a ship."""

    number: int = Field(ge=1, le=99)
    name: str | None = Field(None, alias="Name", pattern="^[a-z]+$")


class Stay(Base):
    """A ship at a berth."""

    berth: Berth
    since: datetime
'''
BASE = '''\
from pydantic import BaseModel


class Base(BaseModel):
    """What every model has."""

    id: int
'''
CONFIG = """\
from pydantic import AliasChoices, BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Tide(BaseModel):
    port: str = "a"


class Options(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HARBOUR_", env_nested_delimiter="__")

    depth: int
    tide: Tide = Tide()
    address: str = Field(validation_alias=AliasChoices("DATABASE_URL", "DB_URL"), default="")
"""
ENVIRONMENT = "HARBOUR_DEPTH=3\nHARBOUR_TIDE__PORT=b\nDB_URL=postgresql:///x\n"


@pytest.fixture(autouse=True)
def fresh_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import each test's own package."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for name in [name for name in sys.modules if name.partition(".")[0] == "harbour"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package beside its tests: no `src/`, no `edge/`."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    package = tmp_path / "harbour"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text(BASE)
    (package / "models.py").write_text(MODELS)
    (package / "config.py").write_text(CONFIG)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / ".env.example").write_text(ENVIRONMENT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def exported(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "contracts").iterdir())


def test_public_models_of_the_module_are_exported(project: Path) -> None:
    main([])
    assert exported(project) == ["berth.schema.json", "stay.schema.json"]


def test_all_names_the_models(project: Path) -> None:
    change(project / "harbour/models.py", "class _Pri", "__all__ = ['Base', 'Stay']\nclass _Pri")
    main([])
    assert exported(project) == ["base.schema.json", "stay.schema.json"]


def test_package_in_src(project: Path) -> None:
    (project / "src").mkdir()
    (project / "harbour").rename(project / "src/harbour")
    main([])
    assert exported(project) == ["berth.schema.json", "stay.schema.json"]


def test_export_succeeds(project: Path) -> None:
    assert main([]) == 0


def test_check_fails_before_the_export(project: Path) -> None:
    assert main(["--check"]) == 1


def test_check_passes_after_the_export(project: Path) -> None:
    main([])
    assert main(["--check"]) == 0


@pytest.mark.usefixtures("project")
def test_models_alone_are_mutated(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--mutate"])
    assert "survived: text too long (Name)" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_operators_on_tables_do_not_apply_to_models(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--mutate"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "row duplicated, key duplicated, no rows" in shown


def test_failure_of_one_contract_does_not_hide_the_others(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = "field_validator('id')\n    def check(cls, v): raise ValueError('never')\n"
    change(project / "harbour/models.py", "import BaseModel,", "import field_validator, BaseModel,")
    change(project / "harbour/models.py", "    number:", f"    @{rule}    number:")
    change(project / "harbour/models.py", "    berth: Berth\n", "")
    main(["--mutate"])
    assert "Stay: " in capsys.readouterr().out


def test_contract_that_cannot_be_mutated_is_a_failure(project: Path) -> None:
    change(
        project / "harbour/models.py",
        "class Berth",
        "class Never(Base):\n    x: type\n\nclass Berth",
    )
    assert main(["--mutate"]) == 2


def test_example_that_is_not_utf8_is_explained(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".env.example").write_bytes(b"HARBOUR_DEPTH=\xe9\n")
    main([])
    assert "hangar contracts: .env.example: not UTF-8 (byte 14)" in capsys.readouterr().err


def test_validator_of_the_settings_that_crashes_is_explained(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = "@field_validator('depth')\n    def check(cls, v): return {}[v]\n"
    change(
        project / "harbour/config.py",
        "import AliasChoices,",
        "import field_validator, AliasChoices,",
    )
    change(project / "harbour/config.py", "    depth: int\n", f"    depth: int\n    {rule}")
    main([])
    assert "a validator of the settings: KeyError(3)" in capsys.readouterr().err


def without_a_schema(project: Path) -> None:
    """Add a contract that has no JSON Schema."""
    never = "    model_config = {'arbitrary_types_allowed': True}\n    part: Opaque\n"
    text = f"class Opaque:\n    pass\n\nclass Never(Base):\n{never}\nclass Berth"
    change(project / "harbour/models.py", "class Berth", text)


def test_contract_without_a_schema_stops_no_other(project: Path) -> None:
    without_a_schema(project)
    main([])
    assert (project / "contracts/stay.schema.json").exists()


def test_contract_without_a_schema_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without_a_schema(project)
    main([])
    assert "hangar contracts: Never has no JSON Schema" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("HARBOUR_DEPTH=3\n", "", "add HARBOUR_DEPTH, which harbour.config declares"),
        ("HARBOUR_DEPTH=3", "HARBOUR_DEPTH=deep", "HARBOUR_DEPTH: Input should be a valid integer"),
        ("DB_URL=postgresql:///x\n", "", "add DATABASE_URL"),
        ("DB_URL", "HARBOUR_OTHER=1\nDB_URL", "remove HARBOUR_OTHER"),
    ],
)
def test_environment_is_compared_with_the_settings(
    project: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, line: str
) -> None:
    change(project / ".env.example", old, new)
    main(["--drift"])
    assert f".env.example: {line}" in capsys.readouterr().out


def test_nested_and_aliased_settings_agree(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--drift"])
    assert ".env.example" not in capsys.readouterr().out


def test_settings_are_optional(project: Path) -> None:
    change(project / "pyproject.toml", 'settings = "harbour.config:Options"\n', "")
    (project / ".env.example").unlink()
    assert main([]) == 0


def test_schema_written_by_hand_is_kept(project: Path) -> None:
    (project / "contracts").mkdir()
    (project / "contracts/mine.schema.json").write_text('{"title": "Mine"}')
    main([])
    assert (project / "contracts/mine.schema.json").exists()


def test_schema_of_a_deleted_contract_is_deleted(project: Path) -> None:
    main([])
    change(project / "harbour/models.py", "class _Private", "__all__ = ['Stay']\nclass _Private")
    for name in [name for name in sys.modules if name.partition(".")[0] == "harbour"]:
        del sys.modules[name]
    main([])
    assert exported(project) == ["stay.schema.json"]


def git(root: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=root, check=True, capture_output=True)


@pytest.fixture
def released(project: Path) -> Path:
    """The project, released as 1.0.0 with a contract that has changed since."""
    git(project, "init", "--quiet")
    main([])
    path = project / "contracts/berth.schema.json"
    schema = json.loads(path.read_text())
    schema["properties"]["number"]["maximum"] = 999
    path.write_text(json.dumps(schema))
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message=first")
    git(project, "tag", "1.0.0")
    return project


def test_breaking_change_is_not_announced(released: Path) -> None:
    assert main([]) == 1


def test_breaking_change_is_announced(released: Path) -> None:
    change(released / "pyproject.toml", "1.0.0", "2.0.0")
    assert main([]) == 0


def test_unknown_version_announces_nothing(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(released / "pyproject.toml", 'version = "1.0.0"', 'dynamic = ["version"]')
    main([])
    assert "version (none) does not announce" in capsys.readouterr().out


def test_nothing_named_is_explained(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'harbour'\n")
    main([])
    assert capsys.readouterr().err == (
        "hangar contracts: no contracts found; name the module of your pydantic models in "
        'pyproject.toml under [tool.hangar]: contracts = "package.module"\n'
    )


def test_other_package_named_edge_is_not_the_templates(project: Path) -> None:
    (project / "src/harbour/edge").mkdir(parents=True)
    (project / "src/harbour/edge/__init__.py").write_text("")
    (project / "pyproject.toml").write_text("[project]\nname = 'harbour'\n")
    assert main([]) == 2


def test_nothing_named_is_a_failure(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'harbour'\n")
    assert main([]) == 2


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        ("pyproject.toml", "[project]", "[project", "pyproject.toml: "),
        ("pyproject.toml", "harbour.models", "harbour.nowhere", "harbour.nowhere cannot be impor"),
        ("harbour/models.py", "class Berth", "class class", "harbour.models cannot be imported"),
        ("pyproject.toml", "config:Options", "config:Other", "harbour.config has no pydantic-sett"),
        ("harbour/models.py", "berth: Berth", "berth: type", "Stay has no JSON Schema"),
        (
            "harbour/models.py",
            "class _Private",
            "__all__ = ['Ship']\nclass _Private",
            "harbour.models: __all__ lists Ship",
        ),
    ],
)
def test_error_is_one_line(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    path: str,
    old: str,
    new: str,
    message: str,
) -> None:
    change(project / path, old, new)
    main([])
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_missing_pyproject_is_a_failure(tmp_path: Path) -> None:
    assert main(["--root", str(tmp_path)]) == 2


def test_missing_pydantic_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pydantic", None)
    main([])
    assert capsys.readouterr().err.startswith(
        "hangar contracts: pydantic is not installed; run `pip install"
    )


def test_old_pydantic_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    old = types.ModuleType("pydantic")
    old.VERSION = "1.10.0"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pydantic", old)
    assert main([]) == 2


def test_help_lists_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):
        main(["--help"])
    assert "exit codes:\n  0  schemas and settings agree" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("contract", "name"),
    [("PriceTick", "price-tick.schema.json"), ("Tide2D", "tide2-d.schema.json")],
)
def test_file_name(contract: str, name: str) -> None:
    assert file_name(contract) == name
