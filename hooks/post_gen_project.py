"""Remove what was not asked for. Reads the answers, deletes files, does nothing else."""

import json
import shutil
from pathlib import Path

ANSWERS = json.loads(r"""{{ cookiecutter|tojson }}""")

# The one list of optional files: (answer, value) -> what only that value brings.
FEATURES = {
    ("ci", "github"): [".github"],
    ("ci", "gitlab"): [".gitlab-ci.yml"],
}


def remove(path):
    """Delete a file or a directory."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


if __name__ == "__main__":
    for (answer, value), paths in FEATURES.items():
        if ANSWERS[answer] != value:
            for name in paths:
                remove(Path(name))
    if ANSWERS["ci"] == "none":
        remove(Path("renovate.json"))
