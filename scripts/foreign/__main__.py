"""Prove capabilities on public projects: `nox -s foreign [-- SUBJECT [OPTION...]]`.

Each subject writes its table to `docs/reference/foreign/SUBJECT.md` when it ran whole.
"""

import sys
from importlib import import_module

# Each is a module of this package with `main(arguments) -> exit code`.
SUBJECTS = (
    "adopt",
    "contracts",
    "corpora",
    "history",
    "install",
    "lint",
    "platforms",
    "preflight",
    "rootless",
    "runners",
    "strictness",
    "trainer",
    "updates",
)


def main(arguments: list[str]) -> int:
    """Run one subject with its options, or all of them; return 0 if all went well."""
    if not arguments:
        return max(run(subject, []) for subject in SUBJECTS)
    subject, *options = arguments
    if subject not in SUBJECTS:
        print(f"error: no subject '{subject}'; there are {', '.join(SUBJECTS)}", file=sys.stderr)
        return 2
    return run(subject, options)


def run(subject: str, options: list[str]) -> int:
    """Run one subject; return its exit code."""
    code: int = import_module(f"scripts.foreign.{subject}").main(options)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
