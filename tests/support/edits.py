"""Typical edits of a project in its first weeks, in the places that the ownership rules allow."""

from collections.abc import Mapping
from pathlib import Path

from tests.support.series import append, insert, replace

PACKAGE = "src/my_project"


def typical(project: Path, places: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Make edits that must never conflict with an update.

    Args:
        project: The project.
        places: What is put at the places that are marked as yours; `PLACES` if it is None.
    """
    append(project / "README.md", "\n## Of our own\n\nA section that we wrote.\n")
    insert(project / "pyproject.toml", "yours: `uv add", '  "httpx>=0.27",\n  "rich>=13",\n')
    append(project / "pyproject.toml", "\n[tool.ours]\nlevel = 3\n")
    insert(
        project / ".pre-commit-config.yaml",
        "yours: hooks",
        "      - id: ours\n        name: our hook\n"
        "        entry: 'true'\n        language: system\n",
    )
    insert(project / "Dockerfile", "yours: what only development", "RUN echo ours\n")
    insert(project / "Dockerfile", "yours: what the program needs", "EXPOSE 8080\n")
    insert(project / "compose.yaml", "yours: services", "  ours:\n    image: example.com/ours\n")
    append(project / ".gitignore", "ours.log\n")
    for path, lines in (PLACES if places is None else places).items():
        for mark, line in lines.items():
            insert(project / path, f"yours: {mark}", line)
    (project / "nox_local.py").write_text(
        '"""Our sessions."""\n\nimport nox\n\n\n@nox.session\n'
        "def ours(session: nox.Session) -> None:\n"
        '    """Do what only we need."""\n    session.log("ours")\n',
        encoding="utf-8",
    )
    workflow = project / ".github" / "workflows" / "ours.yml"
    workflow.write_text(OUR_WORKFLOW, encoding="utf-8")
    (project / "SECURITY.md").unlink()
    (project / "tests" / "test_cli.py").unlink()
    (project / "tests" / "test_ours.py").write_text(
        '"""Our tests."""\n\n\ndef test_ours() -> None:\n    assert 2 - 1 == 1\n', encoding="utf-8"
    )
    schemas = project / PACKAGE / "schemas"
    (schemas / "reading.py").rename(schemas / "measurement.py")
    replace(schemas / "__init__.py", ".reading", ".measurement")
    (project / PACKAGE / "ours.py").write_text('"""Our module."""\n\nOURS = 3\n', encoding="utf-8")
    (project / "docs" / "ours.md").write_text("# A page of our own\n", encoding="utf-8")


OUR_WORKFLOW = """\
name: ours
on: workflow_dispatch
permissions: {}
jobs:
  ours:
    runs-on: ubuntu-24.04
    permissions: {}
    steps:
      - run: echo ours
"""

# path -> a place that is marked as yours, and what is put there
PLACES = {
    ".devcontainer/devcontainer.json": {
        "features": '  "forwardPorts": [8000],\n',
        "mounts": '    { "type": "volume", "source": "ours", "target": "/ours" },\n',
        "variables": '    "OURS": "1",\n',
        "extensions": '        "ours.extension",\n',
        "settings": '        "ours.setting": true,\n',
    },
    ".github/workflows/ci.yml": {
        "variables of all jobs": '  OURS: "1"\n',
        "steps before the checks": "      - run: echo ours for checks\n",
        "variables of the tests": '      OURS_OF_TESTS: "1"\n',
        "steps before the tests": "      - run: echo ours for tests\n",
        "steps before the dev container": "      - run: echo ours for the container\n",
        "steps with the image": "      - run: echo ours for the image\n",
    },
    "renovate.json5": {
        "presets": '    ":ours",\n',
        "settings": '  "timezone": "Europe/Vienna",\n',
        "rules": '    { "matchPackageNames": ["ours"], "enabled": false },\n',
    },
    ".dockerignore": {"further files": "!ours.txt\n"},
    "Dockerfile": {
        "what every stage needs": "COPY ours.txt /base.txt\n",
        "what only the tests need": "RUN echo ours for tests\n",
        "what only the installation": "RUN echo ours for dependencies\n",
        "what the build of the package": "COPY ours.txt ./\n",
    },
}
# path -> text that every update must keep
KEPT = {
    "README.md": "A section that we wrote.",
    "pyproject.toml": '  "httpx>=0.27",\n  "rich>=13",\n',
    ".pre-commit-config.yaml": "name: our hook",
    "Dockerfile": "RUN echo ours",
    "compose.yaml": "image: example.com/ours",
    ".gitignore": "ours.log",
    "nox_local.py": "def ours",
    ".github/workflows/ours.yml": "run: echo ours",
    "tests/test_ours.py": "def test_ours",
    f"{PACKAGE}/schemas/measurement.py": "class Reading",
    f"{PACKAGE}/schemas/__init__.py": ".measurement",
    f"{PACKAGE}/ours.py": "OURS = 3",
    "docs/ours.md": "A page of our own",
}
DELETED = ("SECURITY.md", "tests/test_cli.py", f"{PACKAGE}/schemas/reading.py")
LINES = {
    f"{path}: {mark}": (path, line)
    for path, places in PLACES.items()
    for mark, line in places.items()
}
# path -> text that releases after v1.0.0 add to a file that people edit
ADDED = {
    "pyproject.toml": 'keywords = ["readings"]',
    "Dockerfile": "ARG LATER=v2.0.0",
    "compose.yaml": "# since v1.1.0",
    ".pre-commit-config.yaml": "# since v1.1.0",
    "mkdocs.yml": "use_directory_urls: true",
    ".devcontainer/devcontainer.json": "// since v1.1.0",
    ".github/workflows/ci.yml": "# since v1.1.0",
    "renovate.json5": "// since v1.1.0",
}
