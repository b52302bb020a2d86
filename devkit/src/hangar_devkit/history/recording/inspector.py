"""Describes an exception: its type, its message and its frames inside the project."""

import linecache
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from hangar_devkit.history.masks import learn_environment, mask_compared, mask_noise, mask_secrets
from hangar_devkit.history.results import Failure, Frame
from hangar_devkit.history.sources import TEST_DIRS, is_test

_FOREIGN = frozenset(
    {"site-packages", "dist-packages", ".venv", "venv", ".nox", ".tox", ".cache", "node_modules"}
)
_COMPREHENSION = re.compile(r"(?:\.<locals>)?\.<(?:list|set|dict)comp>")
_RENAMED = {
    "re._constants.error": "re.PatternError",
    "re.error": "re.PatternError",
    "sre_constants.error": "re.PatternError",
}  # one type with three names in different versions of Python
_DOCTEST = frozenset({"doctest", "_pytest.doctest"})
_CURRENT_TEST = os.fsencode("PYTEST_CURRENT_TEST") if os.name == "posix" else "PYTEST_CURRENT_TEST"
_MAX_FRAMES = 24
_MAX_MESSAGE = 600


class ExceptionInspector:
    """Describes exceptions by plain values, for one project.

    Args:
        root: The project's root; paths are relative to it.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(root.resolve()) + "/"
        self._packages = own_packages(root)
        self._locations: dict[str, tuple[str, str]] = {}
        self._frames: dict[tuple[str, str, int], Frame] = {}
        self._environment: object = None

    def describe(self, error: BaseException, phase: str) -> Failure:
        """Return the description of an exception, without its printed traceback."""
        self._learn_environment()
        cause = root_cause(error)
        frames = self._frames_of(cause) or self._frames_of(error)
        type_ = type(cause)
        name = type_.__qualname__
        if type_.__module__ not in {"builtins", "__main__"}:
            name = f"{type_.__module__}.{name}"
        if type_.__module__ in _DOCTEST:
            return Failure(phase, name, _shorten(_doctest_message(cause)), frames)
        message = _message(cause) or self._compared_values(cause)
        if frames:
            message = mask_compared(frames[-1].source, message)
        return Failure(phase, _RENAMED.get(name, name), message, frames)

    def _learn_environment(self) -> None:
        """Learn the secrets among the variables, if a test changed any since the last failure."""
        # As Python holds them: to decode each costs more than all else about a failure.
        data = getattr(os.environ, "_data", None)
        held = dict(data) if isinstance(data, dict) else None
        if held is not None:
            held.pop(_CURRENT_TEST, None)
        if held is None or held != self._environment:
            learn_environment(os.environ)
            self._environment = held

    def _compared_values(self, error: BaseException) -> str:
        """Return what an assertion without a message compared, in the project's deepest frame."""
        if not isinstance(error, AssertionError):
            return ""
        own = [(frame, raw) for frame, raw in self._steps(error) if frame.origin != "lib"]
        if not own:
            return ""
        from hangar_devkit.history.recording.assertion_values import compared_values

        frame, raw = own[-1]
        try:
            text = mask_noise(compared_values(frame.source, raw.f_locals))
        except Exception:  # noqa: BLE001 - a broken __repr__ of the user must not hide the failure
            text = ""
        return _shorten(text)

    def _frames_of(self, error: BaseException) -> tuple[Frame, ...]:
        frames: list[Frame] = []
        deepest: Frame | None = None
        for deepest, _ in self._steps(error):
            if deepest.origin != "lib":
                frames.append(deepest)
        if frames and deepest is not None and deepest.origin == "lib":
            frames.append(deepest)
        return tuple(frames[-_MAX_FRAMES:])

    def _steps(self, error: BaseException) -> Iterator[tuple[Frame, FrameType]]:
        """Yield each step of a traceback, described and as Python holds it, outermost first."""
        step = error.__traceback__
        while step is not None:
            yield self._frame(step.tb_frame, step.tb_lineno), step.tb_frame
            step = step.tb_next

    def _frame(self, frame: FrameType, line: int) -> Frame:
        code = frame.f_code
        key = code.co_filename, code.co_qualname, line
        known = self._frames.get(key)
        if known is None:  # most tracebacks share their steps through pytest and the project
            module = str(frame.f_globals.get("__name__", ""))
            known = self._frames[key] = self._describe_frame(*key, module)
        return known

    def _describe_frame(self, filename: str, function: str, line: int, module: str) -> Frame:
        location = self._locations.get(filename)
        if location is None:
            location = self._locations[filename] = self._locate(filename, module)
        path, origin = location
        source = mask_secrets(linecache.getline(filename, line).strip()[:200])
        return Frame(path, _COMPREHENSION.sub("", function), line, origin, source)

    def _locate(self, filename: str, module: str) -> tuple[str, str]:
        """Return the path that is stored for a file, and its origin."""
        path = filename.replace("\\", "/")
        relative = path.removeprefix(self._root)
        parts = relative.split("/")
        inside = relative != path and _FOREIGN.isdisjoint(parts)
        if not inside:
            package = module.partition(".")[0]
            if package not in self._packages:
                return parts[-1], "lib"
            parts = (
                parts[len(parts) - 1 - parts[::-1].index(package) :]
                if package in parts
                else [parts[-1]]
            )
        return "/".join(parts), "test" if is_test(parts) else "app"


def own_packages(root: Path) -> frozenset[str]:
    """Return the names of the top-level packages and modules in the project.

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
    return frozenset(name for name in names if name not in TEST_DIRS)


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


def _doctest_message(error: BaseException) -> str:
    """Return what the first failed example of a doctest expected, and what it printed."""
    failure: Any = next(iter(getattr(error, "failures", ())), error)
    source = failure.example.source.strip()
    if not hasattr(failure, "got"):
        raised = failure.exc_info[1]
        return f"{source}: raised {type(raised).__name__}: {_message(raised)}"
    return f"{source}: expected {failure.example.want.strip()!r}, got {failure.got.strip()!r}"


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - a broken __str__ of the user must not hide the failure
        text = "<no message: str() failed>"
    return _shorten(text)


def _shorten(text: str) -> str:
    return mask_secrets(text.strip()[: 2 * _MAX_MESSAGE])[:_MAX_MESSAGE]
