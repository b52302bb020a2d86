"""Run `hangar` from the wheel in this directory, before any environment exists."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "hangar-devkit", "src")  # written by `hangar unpack`
RESTORE = 'Restore it: git checkout HEAD -- "tools/*.whl"'


def stop(problem, fix):  # noqa: ANN001, ANN201, D103 - parsed by Python 2.7, which gets a sentence
    sys.stderr.write("hangar: %s. %s\n" % (problem, fix))
    sys.exit(2)


def compiled(wheel):  # noqa: ANN001, ANN201
    """Return a copy of a wheel, beside which Python keeps compiled modules: it starts faster."""
    import zlib

    with open(wheel, "rb") as file:
        name = "%s-%08x" % (os.path.basename(wheel)[:-4], zlib.crc32(file.read()))
    copy = os.path.join(HERE, "__pycache__", name)
    if os.path.isdir(copy):
        return copy
    import shutil
    import zipfile

    with zipfile.ZipFile(wheel) as content:
        if sys.dont_write_bytecode:
            return wheel
        part = "%s.%d" % (copy, os.getpid())
        try:
            content.extractall(part)
            with open(os.path.join(part, ".gitignore"), "w") as file:
                file.write("*\n")  # whatever the project ignores
            os.rename(part, copy)
        except OSError:  # a file system without writing, or another process was faster
            shutil.rmtree(part, ignore_errors=True)
    return copy if os.path.isdir(copy) else wheel


if sys.version_info < (3, 9):
    stop(
        "needs Python 3.9 or later, this is %d.%d" % sys.version_info[:2],
        "Install uv, then run: uv run --no-project --python 3.13 tools/hangar.py",
    )
names = sorted(name for name in os.listdir(HERE) if name.startswith("hangar_devkit-"))
wheels = [name for name in names if name.endswith(".whl")]
unpacked = os.path.isfile(os.path.join(SOURCES, "hangar_devkit", "cli.py"))
if not unpacked and not wheels:
    stop("tools/ has no wheel of hangar-devkit", RESTORE)
if not unpacked and len(wheels) > 1:
    stop("tools/ has " + " and ".join(wheels), "Delete those that pyproject.toml does not name")
path = SOURCES if unpacked else os.path.join(HERE, wheels[0])
try:
    sys.path.insert(0, path if unpacked else compiled(path))
    from hangar_devkit.cli import main

    code = main()
except Exception:
    import zipfile

    try:
        intact = unpacked or zipfile.ZipFile(path).testzip() is None
    except Exception:  # noqa: BLE001 - damage shows in many ways
        intact = False
    if intact:
        raise
    stop("tools/%s is damaged" % wheels[0], RESTORE)
sys.exit(code)
