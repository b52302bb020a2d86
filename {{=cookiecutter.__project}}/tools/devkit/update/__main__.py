"""Run `python -m devkit.update`."""

import sys

from devkit.update.cli import main

if __name__ == "__main__":
    sys.exit(main())
