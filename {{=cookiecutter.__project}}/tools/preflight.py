"""Run devkit.preflight from the source tree, before any environment exists."""

import gc
import os
import sys

# Parsed by every Python since 2.7, so that an old one gets a sentence, not a syntax error.
if sys.version_info < (3, 9):
    sys.exit(
        "preflight: Python %d.%d is too old: it needs 3.9 or later, the project needs more.\n"
        "  mend  https://docs.astral.sh/uv/getting-started/installation/ then: "
        "uv run tools/preflight.py" % sys.version_info[:2]
    )

gc.disable()  # a run of milliseconds leaves nothing to collect; looking for it takes a tenth of it

HERE = os.path.dirname(os.path.abspath(__file__))
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from devkit.preflight.cli import main

sys.exit(main(start=os.path.dirname(HERE)))
