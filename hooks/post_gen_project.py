"""Delete the files of options that were not chosen, and say what to type next."""

# Python has already imported it; any other import would take longer than the hook itself.
import os

# As text. The other hook has validated them, so nothing must be escaped.
ANSWERS = {
    "ci": "{{= cookiecutter.ci }}",
    "ml_pipeline": "{{= cookiecutter.ml_pipeline }}",
    "package_name": "{{= cookiecutter.package_name }}",
    "publish": "{{= cookiecutter.publish }}",
}

# The optional files: path -> name of the answer, and its values that keep the file. A file comes
# before its directory.
FEATURES: dict[str, tuple[str, set[str] | set[bool]]] = {
    ".github/workflows/release.yml": ("publish", {"package", "image", "both"}),
    ".github": ("ci", {"github"}),
    ".gitlab-ci.yml": ("ci", {"gitlab"}),
    "renovate.json5": ("ci", {"github", "gitlab"}),
    "tools/ci": ("ci", {"github", "gitlab"}),
    ".telemetry": ("ml_pipeline", {True}),
    "conf": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/anomaly_utils.py": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/edge/arrays.py": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/edge/tables.py": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/models": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/pipeline": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/tracking": ("ml_pipeline", {True}),
    "tests/pipeline": ("ml_pipeline", {True}),
    "tests/test_tables.py": ("ml_pipeline", {True}),
}

# Directories in which cruft and the update render to compare: nobody works there. Others have the
# name of a temporary directory of Python's, such as tmp1a2b3c4d.
SCRATCH = {"current_template", "new_template", "local", "remote"}


def remove(path: str) -> None:
    """Delete a file or a directory; do not follow links."""
    if os.path.isdir(path) and not os.path.islink(path):
        for name in os.listdir(path):
            remove(os.path.join(path, name))
        os.rmdir(path)
    else:
        os.remove(path)


if __name__ == "__main__":
    for path, (answer, values) in FEATURES.items():
        if ANSWERS[answer] not in map(str, values):
            remove(path)
    parent, name = os.path.split(os.getcwd())
    folder = os.path.basename(parent)
    if folder not in SCRATCH and not (folder.startswith("tmp") and len(folder) == 11):
        place = name if parent == os.environ.get("PWD") else os.path.join(parent, name)
        print(f"Created {os.path.join(parent, name)}")
        quoted = place.replace("'", "'\\''")
        print(f"Next: cd '{quoted}' && uvx nox")
