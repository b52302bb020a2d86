"""Checks of configuration files against the JSON Schemas of the programs that read them.

The schemas are those that check-jsonschema carries. It has none of `devcontainer.json`, and no
package on an index ships one (docs/decisions/0045), so that schema is part of this package.
"""

import contextlib
import io
import re
from collections.abc import Iterable
from importlib.resources import as_file, files

from check_jsonschema import main as check_jsonschema

DEVCONTAINER = r"\.devcontainer/(.+/)?devcontainer\.json$"
# Pattern of a path, and what check-jsonschema is told about it.
SCHEMAS = {
    r"(.+/)?compose[^/]*\.ya?ml$": ("--builtin-schema=vendor.compose-spec",),
    r"\.github/workflows/.+\.ya?ml$": ("--builtin-schema=vendor.github-workflows",),
    r"(.*[./])?gitlab-ci\.yml$": (
        "--builtin-schema=vendor.gitlab-ci",
        "--data-transform=gitlab-ci",
    ),
    r"renovate\.json5?$": ("--builtin-schema=vendor.renovate", "--force-filetype=json5"),
    DEVCONTAINER: ("--force-filetype=json5",),
}


def invalid(paths: Iterable[str]) -> bool:
    """Check files against their schemas and print what is wrong.

    Args:
        paths: Files; those without a schema are left out.

    Returns:
        Whether a file breaks its schema.
    """
    known = list(paths)
    codes = []
    with as_file(files("hangar_devkit.hooks") / "devcontainer.schema.json") as own:
        for pattern, options in SCHEMAS.items():
            chosen = [path for path in known if re.match(pattern, path)]
            if chosen:
                schema = [f"--schemafile={own}"] if pattern == DEVCONTAINER else []
                codes.append(_check([*options, *schema, *chosen]))
    return any(codes)


def _check(arguments: list[str]) -> int:
    """Run check-jsonschema in this process; print its output only if it finds something."""
    output = io.StringIO()
    code: int | str | None = 0
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            check_jsonschema(arguments)
        except SystemExit as ended:
            code = ended.code
    if code:
        print(output.getvalue().strip())
    return 1 if code else 0
