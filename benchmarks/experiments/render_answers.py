"""Render once with answers from standard input, and end as Cookiecutter's command line does.

Its command line cannot pass every text: an argument holds no NUL and no lone surrogate.
"""

import json
import os
import sys

from cookiecutter import exceptions
from cookiecutter.main import cookiecutter

ONE_LINE_ERRORS = (
    exceptions.ContextDecodingException,
    exceptions.EmptyDirNameException,
    exceptions.FailedHookException,
    exceptions.InvalidModeException,
    exceptions.OutputDirExistsException,
    exceptions.UndefinedVariableInTemplate,
    exceptions.UnknownExtension,
)


def main() -> None:
    """Render; any other error ends in a traceback, as there."""
    job = json.load(sys.stdin)
    try:
        cookiecutter(
            job["template"],
            no_input=True,
            output_dir=job["output"],
            extra_context=job["answers"],
            config_file=os.devnull,
        )
    except ONE_LINE_ERRORS as error:
        sys.exit(str(error).encode(errors="backslashreplace").decode())


if __name__ == "__main__":
    main()
