"""Check `devcontainer.json` against a schema of its keys.

No package on an index ships one (docs/decisions/0045), so the schema is part of this package.
"""

import argparse
import subprocess
import sys
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path

DEFAULT = ".devcontainer/devcontainer.json"


def main(arguments: list[str] | None = None) -> int:
    """Run `hangar devcontainer`; return 0, 1 for findings, 2 if the command could not run."""
    parser = argparse.ArgumentParser(
        prog="hangar devcontainer", description="Check devcontainer.json against its schema."
    )
    parser.add_argument("files", nargs="*", default=[DEFAULT], help=f"default: {DEFAULT}")
    options = parser.parse_args(arguments)
    missing = [name for name in options.files if not Path(name).is_file()]
    if missing:
        print(f"hangar devcontainer: {missing[0]}: no such file", file=sys.stderr)
        return 2
    if find_spec("check_jsonschema") is None:
        print(
            "hangar devcontainer: check-jsonschema is not installed; "
            "install hangar-devkit with the extra `lint`",
            file=sys.stderr,
        )
        return 2
    with as_file(files("hangar_devkit.lint") / "devcontainer.schema.json") as schema:
        command = [sys.executable, "-m", "check_jsonschema", f"--schemafile={schema}"]
        command += ["--force-filetype=json5", *options.files]
        return subprocess.run(command, check=False).returncode
