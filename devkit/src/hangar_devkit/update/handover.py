"""Hand an update over to the updater of the release that the project is to get.

The project's own updater only finds the release and fetches it. A bug in the rest of it would
otherwise stay with the project until the project is updated, which is what the bug prevents.

Releases of any age meet here, so these points must not change:

- A release has one wheel, `tools/hangar_devkit-*.whl` in the template's directory. The updater in
  it needs nothing but the standard library.
- It is started as `hangar_devkit.cli.main(["update", ...])`, in the project, with the user's
  options, `--to TAG` and `--clone DIRECTORY`. The directory is a bare clone of the template.
- Its exit code is that of the update.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, server_timeout, template_git, user_git

_LAUNCHER = "tools/hangar.py"
_WHEEL = re.compile(r"tools/(hangar_devkit-[^/]+\.whl)")
_CLONE = 10  # how much longer than a question a clone may take
_BROKEN = 70  # an exit code that no updater has
_START = f"""\
import sys
sys.path.insert(0, sys.argv.pop(1))
try:
    import hangar_devkit.update.cli  # named here, as the command explains what is missing
    from hangar_devkit.cli import main
    sys.exit(main(sys.argv[1:]))
except (ImportError, SyntaxError) as error:
    print(f"{{type(error).__name__}}: {{error}}", file=sys.stderr)
    sys.exit({_BROKEN})
"""


def fetch(git: Git, template: str, into: Path) -> Path:
    """Clone the template's repository, with the user's access to it but none of their hooks.

    Raises:
        UpdateError: If the repository cannot be cloned.
    """
    clone = into / "template.git"
    fetching = template_git(git, template)
    options = ("--bare", "--quiet", "--template=")
    limit = _CLONE * server_timeout()
    fetching.run("clone", *options, "--", template, str(clone), timeout=limit)
    return clone


def extract_wheel(clone: Path, directory: str, commit: str, name: str, into: Path) -> Path | None:
    """Write a release's wheel to a directory.

    Args:
        clone: A bare clone of the template.
        directory: Where in its repository the template is; empty for the top.
        commit: The release's commit.
        name: What a message calls the release.
        into: Where to write it.

    Returns:
        The wheel; None for a release from before projects had one.

    Raises:
        UpdateError: If a release that should have one wheel has none, or several.
    """
    user = user_git(clone)
    # By name: git may be set up to find no bare repository by itself.
    git = Git(clone, {**user.environment, "GIT_DIR": str(clone)})
    prefix = f"{directory}/" if directory else ""
    wheels, launcher = {}, False
    for path, (_, blob) in git.tree(commit).items():
        template, _, inner = path.removeprefix(prefix).partition("/")
        if not path.startswith(prefix) or "cookiecutter" not in template:
            continue
        launcher = launcher or inner == _LAUNCHER
        if found := _WHEEL.fullmatch(inner):
            wheels[found[1]] = blob
    if not wheels and not launcher:
        return None
    if len(wheels) != 1:
        raise UpdateError(
            f"The template's {name} must have one wheel of hangar_devkit in tools/, it has"
            f" {', '.join(sorted(wheels)) or 'none'}. Nothing was written.\n"
            "Report it to the template's maintainers, or use another release: --to TAG"
        )
    ((file, blob),) = wheels.items()
    into.mkdir()
    (into / file).write_bytes(git.run("cat-file", "blob", blob))
    return into / file


def hand_over(root: Path, wheel: Path, arguments: list[str]) -> int:
    """Run the updater in a wheel on the project, in a process of its own.

    Args:
        root: The project.
        wheel: The wheel with the updater.
        arguments: What follows `hangar update`.

    Returns:
        The exit code of the update.

    Raises:
        UpdateError: If the updater does not start.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # -P and -S: neither the project nor an environment may provide another hangar_devkit.
    command = [sys.executable, "-P", "-S", "-c", _START, str(wheel), "update", *arguments]
    sys.stdout.flush()
    code = subprocess.run(command, cwd=root, env=environment, check=False).returncode
    if code == _BROKEN:
        raise UpdateError(
            f"The updater in the template's {wheel.name} does not start (see above). Nothing was"
            " written.\nReport it to the template's maintainers, or use another release: --to TAG"
        )
    return code
