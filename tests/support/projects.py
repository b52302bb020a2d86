"""Projects of a series of releases, rendered once and copied for each test."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hangar_devkit.update import render as renderer
from hangar_devkit.update.ownership import read_manifest
from tests.support.series import NEWEST, commit, git


@dataclass
class Factory:
    """Creates projects from a repository of the template."""

    template: Path
    directory: Path

    def rendering(self, tag: str, answers: dict[str, Any]) -> Path:
        """Return a fresh project with `.cruft.json`, as by `cruft create --checkout TAG`."""
        name = "-".join([tag, *(f"{key}={value}" for key, value in sorted(answers.items()))])
        done = self.directory / name.replace("/", "_") / "project"
        if done.exists():
            return done
        source = self.directory / f"source-{tag}"
        if not source.exists():
            git(
                self.directory,
                "clone",
                "--quiet",
                f"--branch={tag}",
                str(self.template),
                str(source),
            )
        fingerprint = git(source, "rev-parse", "HEAD").strip()
        done.parent.mkdir()
        (done.parent / "out").mkdir()
        job = done.parent / "job.json"
        render = {"source": str(source), "commit": fingerprint, "answers": answers}
        render["output"] = str(done.parent / "out")
        job.write_text(json.dumps({"template": str(self.template), "renders": [render]}))
        assert renderer.main(job) == 0
        next((done.parent / "out").iterdir()).rename(done)
        link = {
            "template": str(self.template),
            "commit": fingerprint,
            "checkout": tag,
            "context": json.loads(Path(f"{job}.contexts").read_text())[0],
            "directory": None,
        }
        text = json.dumps(link, ensure_ascii=False, indent=2, separators=(",", ": "))
        (done / ".cruft.json").write_text(text + "\n", encoding="utf-8")
        return done

    def project(self, where: Path, tag: str, **answers: str | bool) -> Path:
        """Create a project of a release and commit it."""
        shutil.copytree(self.rendering(tag, answers), where, symlinks=True)
        git(where, "init", "--quiet", "--initial-branch=main")
        commit(where, "Start")
        return where


def update(
    project: Path,
    *arguments: str,
    environment: dict[str, str] | None = None,
    python: str = "",
    installed: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run the project's own update, as the session does, or that of an installed hangar-devkit."""
    command = ["-m", "hangar_devkit"] if installed else ["tools/hangar.py"]
    return subprocess.run(
        [python or sys.executable, *command, "update", "--no-checks", *arguments],
        cwd=project,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as in a shell of the project's own, without another active environment."""
    own = {"VIRTUAL_ENV", "CI"}  # a session is stricter in CI
    environment = {name: v for name, v in os.environ.items() if name not in own}
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def cruft(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real cruft on a project."""
    return subprocess.run(
        [sys.executable, "-m", "cruft", *arguments],
        cwd=project,
        env={**os.environ, "COOKIECUTTER_CONFIG": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


def contents(project: Path, *, of: str = "template and shared") -> dict[str, tuple[bytes, bool]]:
    """Return the files of some owners: path -> content, and whether it is executable."""
    manifest = read_manifest((project / "pyproject.toml").read_text(encoding="utf-8"), "test")
    wanted = {"template and shared": {"template", "shared"}, "you": {"you"}}[of]
    return {
        name: ((project / name).read_bytes(), os.access(project / name, os.X_OK))
        for name in files(project)
        if manifest.owner(name) in wanted
    }


def files(project: Path) -> list[str]:
    """Return the files of a project, without those of git."""
    found = (path for path in project.rglob("*") if path.is_file() or path.is_symlink())
    names = (path.relative_to(project).as_posix() for path in found)
    return sorted(
        name for name in names if not name.startswith(".git/") and "__pycache__" not in name
    )


__all__ = ["NEWEST", "Factory", "commit", "contents", "cruft", "files", "git", "run", "update"]
