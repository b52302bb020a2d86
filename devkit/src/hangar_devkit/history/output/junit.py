"""Reads JUnit XML: results of other test runners, and of older runs."""

import datetime as dt
import hashlib
import os
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

from hangar_devkit.history.masks import learn_environment, mask_nodeid, mask_secrets
from hangar_devkit.history.records import ERROR, FAILED, PASSED, SKIPPED, Run
from hangar_devkit.history.results import Failure, Frame, Result
from hangar_devkit.history.sources import is_test

_CASE = "testcase"
_LOCATION = re.compile(
    r"^(?P<path>[^\s:][^:\n]*\.py):(?P<line>\d+):(?: in (?P<function>\S+)| (?P<error>[\w.]+))?\s*$",
    re.MULTILINE,
)
_PYTHON = re.compile(
    r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)', re.MULTILINE
)
_DEFINITION = re.compile(r"^\s*def (\w+)\(", re.MULTILINE)
_TYPE = re.compile(
    r"^(?:E\s+)?([A-Za-z_][\w.]*(?:Error|Exception|Failed|Exit|Warning|Interrupt))\b", re.MULTILINE
)


class JUnitError(Exception):
    """A file is not JUnit XML; the message says which and why."""


def read(path: Path) -> tuple[Run, list[Result]]:
    """Read a report as one run; the same file always gives the same run.

    Raises:
        JUnitError: The file cannot be read.
    """
    try:
        content = path.read_bytes()
        if b"<!DOCTYPE" in content[:2000] or b"<!ENTITY" in content:
            raise JUnitError(f"{path}: has a document type declaration, which is not allowed")
        root = ET.fromstring(content)  # noqa: S314 - entities are refused above
    except (OSError, ET.ParseError) as error:
        raise JUnitError(f"{path}: {error}") from error
    suites = [root] if root.tag == "testsuite" else root.findall("testsuite")
    if root.tag not in {"testsuite", "testsuites"}:
        raise JUnitError(f"{path}: the root is <{root.tag}>, not <testsuites>")
    first = suites[0] if suites else root
    run = Run(
        uid=hashlib.sha256(content).hexdigest()[:16],
        started=_time(first.get("timestamp"), path.stat().st_mtime),
        person=first.get("hostname", ""),
        source="junit",
        seconds=sum(_number(suite.get("time")) for suite in suites),
    )
    learn_environment(os.environ)
    names: dict[tuple[int, str], str] = {}
    attempts: Counter[tuple[int, str]] = Counter()
    shared: Counter[str] = Counter()
    results: list[Result] = []
    cases = [(number, case) for number, suite in enumerate(suites) for case in suite.iter(_CASE)]
    for position, (number, case) in enumerate(cases):
        # Only a second result of one suite is a second attempt. Another suite may be another job,
        # and two parameters are one id where both are masked.
        test = number, _nodeid(case)
        if test not in names:
            masked = mask_nodeid(test[1])
            shared[masked] += 1
            names[test] = masked if shared[masked] == 1 else f"{masked} #{shared[masked]}"
        nodeid, attempt = names[test], attempts[test]
        attempts[test] += 1
        results.append(_result(case, nodeid, attempt, position))
    return run, results


def _result(case: ET.Element, nodeid: str, attempt: int, position: int) -> Result:
    failed, error = case.find("failure"), case.find("error")
    outcome = (
        FAILED
        if failed is not None
        else ERROR
        if error is not None
        else SKIPPED
        if case.find("skipped") is not None
        else PASSED
    )
    node = failed if failed is not None else error
    failures = () if node is None else (_failure(node, in_call=failed is not None),)
    milliseconds = round(1000 * _number(case.get("time")))
    return Result(nodeid, attempt, outcome, milliseconds, position=position, failures=failures)


def _failure(node: ET.Element, *, in_call: bool) -> Failure:
    text = node.text or ""
    message = node.get("message", "")
    matches = list(_LOCATION.finditer(text))
    frames = tuple(_frame(match, text) for match in matches) or tuple(
        _frame(match, text) for match in _PYTHON.finditer(text)
    )
    errors = [match["error"] for match in matches if match["error"]]
    type_ = _TYPE.search(message) or _TYPE.search(text)
    exception = errors[-1] if errors else type_[1] if type_ else node.get("type") or "Failure"
    phase = "call" if in_call else "teardown" if "teardown" in message else "setup"
    detail = re.sub(rf"^{re.escape(exception)}: ", "", message)
    return Failure(
        phase, exception, mask_secrets(detail)[:600], frames, mask_secrets(text)[:12_000]
    )


def _frame(match: re.Match[str], text: str) -> Frame:
    path = match["path"].replace("\\", "/")
    function = match["function"]
    if not function:
        before = _DEFINITION.findall(text[: match.start()])
        function = before[-1] if before else ""
    parts = path.split("/")
    foreign = path.startswith("/") or "site-packages" in parts
    origin = "lib" if foreign else "test" if is_test(parts) else "app"
    return Frame(parts[-1] if foreign else path, function, int(match["line"]), origin, "")


def _nodeid(case: ET.Element) -> str:
    """Return pytest's node id where it can be derived, else the class and the name."""
    name, scope, file = case.get("name", ""), case.get("classname", ""), case.get("file", "")
    if file:
        path, parts = file, scope.split(".")
        module = path.removesuffix(".py").split("/")
        parts = parts[len(module) :] if parts[: len(module)] == module else parts
        return "::".join([path, *parts, name])
    parts = scope.split(".") if scope else []
    for index, part in enumerate(parts):
        if part.startswith("test_") or part.endswith("_test"):
            return "::".join(["/".join(parts[: index + 1]) + ".py", *parts[index + 1 :], name])
    return f"{scope}::{name}" if scope else name


def _time(text: str | None, default: float) -> float:
    try:
        return dt.datetime.fromisoformat(text or "").timestamp()
    except ValueError:
        return default


def _number(text: str | None) -> float:
    try:
        return float((text or "0").replace(",", ""))
    except ValueError:
        return 0.0
