"""Remove what was not asked for. Reads the answers, deletes files, does nothing else."""

# Python has loaded it already: any other import would cost more than the work itself.
import os

# As text. The other hook has let them pass, so there is nothing to escape.
ANSWERS = {
    "ci": "{{= cookiecutter.ci }}",
    "ml_pipeline": "{{= cookiecutter.ml_pipeline }}",
    "package_name": "{{= cookiecutter.package_name }}",
}

# The one list of optional files: path -> the answer that brings it, and its values that do.
FEATURES: dict[str, tuple[str, set[str] | set[bool]]] = {
    ".github": ("ci", {"github"}),
    ".gitlab-ci.yml": ("ci", {"gitlab"}),
    "renovate.json": ("ci", {"github", "gitlab"}),
    "tools/ci": ("ci", {"github", "gitlab"}),
    ".telemetry": ("ml_pipeline", {True}),
    "conf": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/anomaly_utils.py": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/edge/arrays.py": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/edge/tables.py": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/models": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/pipeline": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/runners": ("ml_pipeline", {True}),
    f"src/{ANSWERS['package_name']}/tracking": ("ml_pipeline", {True}),
    "tests/models": ("ml_pipeline", {True}),
    "tests/pipeline": ("ml_pipeline", {True}),
    "tests/test_arrays.py": ("ml_pipeline", {True}),
    "tests/test_tables.py": ("ml_pipeline", {True}),
}


def remove(path: str) -> None:
    """Delete a file or a directory; what a link leads to is not ours."""
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
