"""Run the command line: as `python -m`, and as the command that the project installs."""

import signal
import sys
from types import FrameType

from .cli import app


def stop(number: int, _frame: FrameType | None) -> None:
    """End with the exit code that a shell gives to a process ended by a signal."""
    sys.exit(128 + number)


def main() -> None:
    """Run the command line until it is done or told to stop."""
    # Linux ignores SIGTERM for a container's first process unless it has a handler.
    signal.signal(signal.SIGTERM, stop)
    app()


if __name__ == "__main__":
    main()
