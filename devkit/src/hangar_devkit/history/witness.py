"""What an exception tells about its cause: type, message and the frames inside the project."""

from __future__ import annotations

import linecache
import re
from typing import TYPE_CHECKING, Any

from hangar_devkit.history.masks import mask_noise, mask_secrets
from hangar_devkit.history.results import Failure, Frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

_FOREIGN = frozenset(
    {"site-packages", "dist-packages", ".venv", "venv", ".nox", ".tox", ".cache", "node_modules"}
)
_TEST_DIRS = frozenset({"tests", "test"})
_COMPREHENSION = re.compile(r"(?:\.<locals>)?\.<(?:list|set|dict)comp>")
_RENAMED = {
    "re._constants.error": "re.PatternError",
    "re.error": "re.PatternError",
    "sre_constants.error": "re.PatternError",
}  # one type, three names over the versions
_MAX_FRAMES = 24
_MAX_MESSAGE = 600


class Witness:
    """Turns exceptions into plain facts, for one project root.

    Args:
        root: The project's root; paths are told relative to it.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(root.resolve()) + "/"
        self._packages = own_packages(root)
        self._places: dict[str, tuple[str, str]] = {}
        self._known: dict[tuple[str, str, int], Frame] = {}

    def testify(self, error: BaseException, phase: str) -> Failure:
        """Return the facts about an error, without its rendered traceback."""
        cause = root_cause(error)
        frames = self._frames(cause) or self._frames(error)
        kind = type(cause)
        name = kind.__qualname__
        if kind.__module__ not in {"builtins", "__main__"}:
            name = f"{kind.__module__}.{name}"
        message = _message(cause) or self._compared(cause)
        return Failure(phase, _RENAMED.get(name, name), message, frames)

    def _compared(self, error: BaseException) -> str:
        """Return what an assertion without a message compared, in the deepest frame of ours."""
        if not isinstance(error, AssertionError):
            return ""
        ours = [(frame, there) for frame, there in self._steps(error) if frame.kind != "lib"]
        if not ours:
            return ""
        from hangar_devkit.history.bare import compared

        frame, there = ours[-1]
        try:
            text = mask_noise(compared(frame.source, there.f_locals))
        except Exception:  # noqa: BLE001 - a broken __repr__ is the user's, and must not hide the failure
            text = ""
        return _shortened(text)

    def _frames(self, error: BaseException) -> tuple[Frame, ...]:
        frames: list[Frame] = []
        deepest: Frame | None = None
        for deepest, _ in self._steps(error):
            if deepest.kind != "lib":
                frames.append(deepest)
        if frames and deepest is not None and deepest.kind == "lib":
            frames.append(deepest)
        return tuple(frames[-_MAX_FRAMES:])

    def _steps(self, error: BaseException) -> Iterator[tuple[Frame, FrameType]]:
        """Return the steps of a traceback as we tell them and as they are, outermost first."""
        step = error.__traceback__
        while step is not None:
            yield self._frame(step.tb_frame, step.tb_lineno), step.tb_frame
            step = step.tb_next

    def _frame(self, frame: FrameType, line: int) -> Frame:
        code = frame.f_code
        key = code.co_filename, code.co_qualname, line
        known = self._known.get(key)
        if known is None:  # most tracebacks go the same way through pytest and the project
            module = str(frame.f_globals.get("__name__", ""))
            known = self._known[key] = self._describe(*key, module)
        return known

    def _describe(self, filename: str, function: str, line: int, module: str) -> Frame:
        place = self._places.get(filename)
        if place is None:
            place = self._places[filename] = self._place(filename, module)
        source = mask_secrets(linecache.getline(filename, line).strip()[:200])
        return Frame(place[0], _COMPREHENSION.sub("", function), line, place[1], source)

    def _place(self, filename: str, module: str) -> tuple[str, str]:
        path = filename.replace("\\", "/")
        relative = path.removeprefix(self._root)
        parts = relative.split("/")
        inside = relative != path and _FOREIGN.isdisjoint(parts)
        if not inside:
            if module.partition(".")[0] not in self._packages:
                return parts[-1], "lib"
            package = module.partition(".")[0]
            parts = (
                parts[len(parts) - 1 - parts[::-1].index(package) :]
                if package in parts
                else [parts[-1]]
            )
        return "/".join(parts), "test" if is_test(parts) else "app"


def is_test(parts: list[str]) -> bool:
    """Tell whether a relative path, split at its slashes, belongs to the tests."""
    name = parts[-1]
    return (
        not _TEST_DIRS.isdisjoint(parts[:-1])
        or (len(parts) > 1 and parts[0] == "testing")
        or name == "conftest.py"
        or (name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py")))
    )


def own_packages(root: Path) -> frozenset[str]:
    """Return the names of the top-level packages and modules that the project's root holds.

    An installed copy of the project then counts as the project itself.
    """
    names: set[str] = set()
    for base in (root, root / "src"):
        if base.is_dir():
            names.update(
                entry.name.removesuffix(".py")
                for entry in base.iterdir()
                if (entry / "__init__.py").is_file()
                or (entry.suffix == ".py" and entry.name not in {"setup.py", "noxfile.py"})
            )
    return frozenset(name for name in names if name not in _TEST_DIRS)


def root_cause(error: BaseException) -> BaseException:
    """Follow explicit causes (`raise ... from`) and the first member of groups to the end."""
    seen: set[int] = set()
    while id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, BaseExceptionGroup) and error.exceptions:
            error = error.exceptions[0]
        elif error.__cause__ is not None:
            error = error.__cause__
    return error


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a broken __str__ is the user's, and must not hide the failure
        text = "<no message: str() failed>"
    return _shortened(text)


def _shortened(text: str) -> str:
    return mask_secrets(text.strip()[: 2 * _MAX_MESSAGE])[:_MAX_MESSAGE]


def to_wire(failure: Failure) -> dict[str, Any]:
    """Return a failure as plain lists and strings, which a worker can send."""
    return {
        "phase": failure.phase,
        "exception": failure.exception,
        "message": failure.message,
        "frames": [list(frame) for frame in failure.frames],
    }


def from_wire(data: dict[str, Any], trace: str) -> Failure:
    """Return the failure that a worker sent."""
    frames = tuple(Frame(*frame) for frame in data["frames"])
    return Failure(data["phase"], data["exception"], data["message"], frames, trace)
