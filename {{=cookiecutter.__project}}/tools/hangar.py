"""Run `hangar` from the wheel in this directory, before any environment exists."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "hangar-devkit", "src")

# Parsed by every Python since 2.7, so that an old one gets a sentence, not a syntax error.
if sys.version_info < (3, 9):
    sys.exit(
        "hangar: needs Python 3.9 or later, this is %d.%d. Install uv, then run: "
        "uv run --no-project tools/hangar.py" % sys.version_info[:2]
    )
names = os.listdir(HERE)
wheels = sorted(name for name in names if name.startswith("hangar_devkit-") and ".whl" in name)
if not os.path.isdir(SOURCES) and len(wheels) != 1:
    sys.exit(
        "hangar: tools/ must hold exactly one wheel of hangar_devkit, found: %s. "
        "Restore it: git checkout HEAD -- tools" % (", ".join(wheels) or "none")
    )
sys.path.insert(0, SOURCES if os.path.isdir(SOURCES) else os.path.join(HERE, wheels[0]))

from hangar_devkit.cli import main

sys.exit(main())
