"""Run `python -m hangar_devkit`."""

import sys

from hangar_devkit.cli import main

sys.exit(main())
