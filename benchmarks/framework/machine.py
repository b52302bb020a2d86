"""Describe the machine that figures come from, without its name and its paths."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def describe() -> dict[str, str]:
    """Return the hardware and the versions that matter."""
    return {
        "processor": _processor(),
        "cores": str(cores()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "uv": _output("uv", "--version").removeprefix("uv ").split(" ")[0],
        "engine": _output(
            "docker", "version", "--format={{.Server.Platform.Name}} {{.Server.Version}}"
        ),
    }


def busy(seconds: float = 1.0) -> str:
    """Return the share of the CPU that other processes use while this one waits.

    Args:
        seconds: How long to sample.
    """
    try:
        before = _ticks()
        time.sleep(seconds)
        after = _ticks()
    except OSError:  # not on Linux
        return "unknown"
    idle, total = (later - earlier for later, earlier in zip(after, before, strict=True))
    return f"{100 * (1 - idle / total):.0f} %" if total else "unknown"


def _ticks() -> tuple[int, int]:
    """Return the idle ticks of the processors, and all of them."""
    first = Path("/proc/stat").read_text(encoding="utf-8").partition("\n")[0]
    user, nice, system, idle, waiting, *rest = map(int, first.split()[1:9])
    return idle + waiting, user + nice + system + idle + waiting + sum(rest)


def isolate_environment() -> None:
    """Keep the user's own settings out of this process and its children."""
    # The measured projects have environments of their own; bytecode is cached as usual.
    for name in ("VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"):
        os.environ.pop(name, None)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["COOKIECUTTER_CONFIG"] = os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    for role in ("AUTHOR", "COMMITTER"):
        os.environ[f"GIT_{role}_NAME"] = "Bench"
        os.environ[f"GIT_{role}_EMAIL"] = "bench@example.com"


def cores() -> int:
    """Count the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


def scrub(text: str) -> str:
    """Replace the paths and the name of this machine in a text that is published."""
    private = {
        str(Path(__file__).parents[2]): ".",
        str(Path(sys.prefix).resolve()): "PYTHON",
        str(Path.home()): "~",
        tempfile.gettempdir(): "TEMPORARY",
        platform.node(): "HOST",
    }
    for value, word in private.items():
        if len(value) > 1:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", word, text)
    return text


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _memory() -> str:
    try:
        count = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return "unknown"
    return f"{count / 2**30:.0f} GiB"


def _output(*command: str) -> str:
    if not shutil.which(command[0]):
        return "none"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "none"
