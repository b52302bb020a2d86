"""Entry point for `python -m` and for the command that the project installs."""

import signal
import sys
from types import FrameType

from .cli import app


def stop(number: int, _frame: FrameType | None) -> None:
    """Exit with the code that a shell reports for a process ended by a signal."""
    sys.exit(128 + number)


def main() -> None:
    """Run the command line until it ends or receives SIGTERM."""
    # Linux ignores SIGTERM for the first process of a container unless it has a handler.
    signal.signal(signal.SIGTERM, stop)
    app()


if __name__ == "__main__":
    main()
