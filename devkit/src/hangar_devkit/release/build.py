"""Source distribution and wheel: built once, and each tested in a clean environment."""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hangar_devkit.release.process import run
from hangar_devkit.release.project import Project
from hangar_devkit.releases import ReleaseError

BILL_OF_MATERIALS = "sbom.cdx.json"
NOTES = "release-notes.md"


@dataclass(frozen=True)
class Built:
    """The files of a release."""

    source: Path
    wheel: Path


def build(project: Project, output: Path, report: Callable[[str], None], notes: str = "") -> Built:
    """Build a project and test what was built.

    Everything is made in a temporary directory and moved to the output only when all of it is
    good. Besides the distributions that is a bill of materials of the locked packages, and the
    release notes if there are any.

    Args:
        project: The project.
        output: The directory for the files; files of the same names are replaced.
        report: Called with a line for each step.
        notes: The release notes.

    Raises:
        ReleaseError: A step fails.
    """
    with tempfile.TemporaryDirectory(prefix="hangar-build-") as name:
        directory = Path(name)
        made = directory / "dist"
        report("build the source distribution, and the wheel from it")
        run("uv", "build", "--quiet", f"--out-dir={made}", cwd=project.root)
        built = Built(_only(made, "*.tar.gz"), _only(made, "*.whl"))
        _require_every_package(project.root, built.wheel)
        constraints = _constraints(project, directory)
        for artifact in (built.wheel, built.source):
            report(f"test {artifact.name} in a clean environment")
            install_and_test(project, artifact, constraints, directory / artifact.suffix[1:])
        if (project.root / "uv.lock").is_file():
            report(f"list the locked packages in {BILL_OF_MATERIALS}")
            export = ("uv", "export", "--frozen", "--quiet", "--no-dev", "--format=cyclonedx1.5")
            run(*export, f"--output-file={made / BILL_OF_MATERIALS}", cwd=project.root)
        if notes:
            (made / NOTES).write_text(f"{notes}\n", encoding="utf-8", newline="\n")
        output.mkdir(parents=True, exist_ok=True)
        for path in made.iterdir():
            if path.name != ".gitignore":
                shutil.move(path, output / path.name)
    return Built(output / built.source.name, output / built.wheel.name)


def install_and_test(
    project: Project, artifact: Path, constraints: Path | None, directory: Path
) -> None:
    """Install a distribution into an environment of its own, import it, and run its commands.

    Args:
        project: The project that it was built from.
        artifact: The source distribution or the wheel.
        constraints: The locked versions, as a requirements file.
        directory: A new directory for the environment.

    Raises:
        ReleaseError: It does not install, import or run, or has another version.
    """
    environment = directory / "environment"
    binaries = environment / ("Scripts" if os.name == "nt" else "bin")
    directory.mkdir()
    run("uv", "venv", "--quiet", f"--python={sys.executable}", str(environment), cwd=directory)
    install = ("uv", "pip", "install", "--quiet", f"--python={environment}", str(artifact))
    options = [f"--constraints={constraints}"] if constraints else []
    name = artifact.name
    run(*install, *options, cwd=directory, failed=f"{name} does not install")
    modules = import_names(artifact) if artifact.suffix == ".whl" else ()
    code = "".join(f"import {module}\n" for module in modules)
    code += f"import importlib.metadata as m\nprint(m.version({project.name!r}))"
    python = str(binaries / "python")
    version = run(python, "-c", code, cwd=directory, failed=f"{name} cannot be imported")
    if version != project.version:
        raise ReleaseError(f"{name} installs version {version}, not {project.version}")
    for script in project.scripts:
        command = (str(binaries / script), "--help")
        run(*command, cwd=directory, failed=f"{name}: `{script} --help` fails")


def import_names(wheel: Path) -> tuple[str, ...]:
    """Return the packages and modules at the top of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        paths = [Path(name) for name in archive.namelist()]
    packages = {
        path.parts[0] for path in paths if path.name == "__init__.py" and len(path.parts) == 2
    }
    modules = {path.stem for path in paths if len(path.parts) == 1 and path.suffix == ".py"}
    return tuple(sorted(packages | modules))


def _require_every_package(root: Path, wheel: Path) -> None:
    """Refuse a wheel that lacks a package of `src/`."""
    packages = {path.parent.name for path in root.glob("src/*/__init__.py")}
    missing = sorted(packages - set(import_names(wheel)))
    if missing:
        names = ", ".join(f'"{name}"' for name in sorted(packages))
        raise ReleaseError(
            f"src/{missing[0]} is not in the wheel. Add to pyproject.toml:\n"
            f"  [tool.uv.build-backend]\n  module-name = [{names}]"
        )


def _constraints(project: Project, directory: Path) -> Path | None:
    """Export the locked versions: what is tested is what the tests ran with."""
    if not (project.root / "uv.lock").is_file():
        return None
    path = directory / "constraints.txt"
    export = ("uv", "export", "--frozen", "--quiet", "--no-dev", "--no-emit-project", "--no-hashes")
    run(*export, "--all-extras", f"--output-file={path}", cwd=project.root)
    return path


def _only(directory: Path, pattern: str) -> Path:
    found = list(directory.glob(pattern))
    if len(found) != 1:
        raise ReleaseError(f"the build made {len(found)} files {pattern}, not one")
    return found[0]
