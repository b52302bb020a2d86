"""TL001 and TL002: one fact per test. Counts the assertions of a test.

When a test of one fact fails, its name says what is wrong; a second assertion would not even run.
One fact is an `assert`, a `raises` or `warns` block together with the assertions about the error
that it caught, or a call of a function named `assert...`. Each part of `assert a and b` counts. The
branches of an `if` count as the longer one; a loop counts once. A helper that asserts is not a fact
of its own, but a test that calls one does have an assertion.

What only prepares a fact is none: an assertion with a message before the code under test runs, one
that is asked again afterwards (`assert not file.exists()` ... `assert file.exists()`), one that
narrows a type, and a `raises` block whose effect on some state is asserted next. An assertion about
a tuple is always true, so it is none either.
"""

import ast
import re
from collections.abc import Iterator

from hangar_devkit.lint.source import Finding, Function, Source, dotted

ERRORS = {
    *("raises", "warns", "deprecated_call", "RaisesGroup", "assertRaises", "assertRaisesRegex"),
    *("assertWarns", "assertWarnsRegex", "assertLogs", "assertNoLogs"),
}
FAILS = ("pytest.fail", "self.fail")
ASSERTS = ("assert", "_assert")
# Perhaps assertions: they do not count as a second fact, but TL002 accepts them as the first.
PERHAPS = ("check", "_check", "verify", "_verify", "expect", "ensure", "must", "should")


def check(sources: list[Source]) -> Iterator[Finding]:
    """Find tests with several facts, or with none.

    Args:
        sources: All files of the suite; a helper may be in any of them.

    Yields:
        TL001 for more than one fact, TL002 for none.
    """
    helpers = asserting(sources)
    for source in sources:
        for name, test in source.tests():
            facts = _Facts().count(test)
            if facts > 1:
                text = f"{name}: {facts} assertions; split the test"
                yield Finding(source.path, test.lineno, "TL001", text)
            elif not (facts or _Facts(helpers).count(test) or _is_stub(test)):
                text = f"{name}: {_why_none(test)}"
                yield Finding(source.path, test.lineno, "TL002", text)


def _why_none(test: Function) -> str:
    tuples = [
        node
        for node in ast.walk(test)
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Tuple)
    ]
    return "an assertion about a tuple is always true" if tuples else "test has no assertions"


def asserting(sources: list[Source]) -> set[str]:
    """Return the names of functions that assert, directly or through another such function."""
    functions = [function for source in sources for function in source.functions()]
    calls = {
        function.name: {dotted(node).rpartition(".")[2] for node in _calls(function)}
        for function in functions
        if not function.name.startswith("test")
    }
    names = {
        function.name
        for function in functions
        if function.name in calls and _Facts().count(function)
    }
    while more := {name for name, called in calls.items() if called & names} - names:
        names |= more
    return names


def _calls(function: Function) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _is_stub(test: Function) -> bool:
    """Return whether a test needs no assertion.

    It only skips, is expected to fail, is a benchmark, or says that it checks that nothing is
    raised.
    """
    marks = {dotted(mark).rpartition(".")[2] for mark in test.decorator_list}
    names = {argument.arg for argument in test.args.args}
    skips = any(dotted(call) in {"pytest.skip", "self.skipTest"} for call in _calls(test))
    expects_no_error = _NOT_RAISED.search(
        f"{test.name} {ast.get_docstring(test) or ''}".replace("_", " ")
    )
    return bool(marks & {"skip", "xfail"} or "benchmark" in names or skips or expects_no_error)


_NOT_RAISED = re.compile(
    r"\b(?:(?:not|n't|no|never|without|dont|doesnt)\b.{0,24}\b(?:rais|err|exception|crash|fail|warn"
    r"|explode|break|complain|throw|hang|leak|segfault)\w*|smoke|imports?|importable|no ?op"
    r"|does nothing|nothing happens|silent|success|succeeds|accepts?|allow(?:s|ed)?|ignored"
    r"|(?:is|are) (?:accepted|valid|ok)|check valid)\b",
    re.IGNORECASE,
)
"""What the name or the docstring of a test says that only checks that nothing is raised."""


class _Facts:
    """Counter of the facts of one function, calls of `helpers` included."""

    def __init__(self, helpers: set[str] | None = None) -> None:
        self._helpers = helpers
        self._errors: set[str] = set()  # variables that hold the errors that `raises` caught

    def count(self, function: Function) -> int:
        """Return the number of facts in a function."""
        return self._block(function.body)

    def _block(self, body: list[ast.stmt]) -> int:
        total = errors = 0
        narrowed: set[str] = set()
        for index, statement in enumerate(body):
            if isinstance(statement, ast.Assert):
                subjects = _narrowed(statement.test)
                if subjects:
                    narrowed |= subjects
                    continue
                if _prepares(statement, body[index + 1 :]):
                    continue
            if _expects_error(statement):
                errors += self._statement(statement)
            else:
                total += self._statement(statement)
        # A check that only narrows a type for the next line counts when nothing follows it.
        return max(total, errors) or min(len(narrowed), 1)

    def _statement(self, node: ast.stmt) -> int:
        match node:
            case ast.Assert():
                return 0 if self._about_error(node) else _count_parts(node.test)
            case ast.With() | ast.AsyncWith():
                return self._with(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                # A callback may never be called, so it is not a second fact, but perhaps the first.
                return self._block(node.body) if self._helpers is not None else 0
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While() | ast.Try() | ast.Match():
                return self._branches(node)
            case _:
                return sum(map(self._call, _outer_calls(node)))

    def _branches(self, node: ast.stmt) -> int:
        match node:
            case ast.Try():
                handlers = [self._block(handler.body) for handler in node.handlers]
                main = self._block(node.body) + self._block(node.orelse)
                return max([main, *handlers]) + self._block(node.finalbody)
            case ast.Match():
                return max(self._block(case.body) for case in node.cases)
            case ast.If():
                return max(self._block(node.body), self._block(node.orelse))
            case ast.For() | ast.AsyncFor() | ast.While():
                return min(1, self._block(node.body)) + self._block(node.orelse)
        return 0

    def _with(self, node: ast.With | ast.AsyncWith) -> int:
        expected = [item for item in node.items if _last(item.context_expr) in ERRORS]
        for item in expected:
            if isinstance(item.optional_vars, ast.Name):
                self._errors.add(item.optional_vars.id)
        others = [item.context_expr for item in node.items if item not in expected]
        asserted = sum(self._call(each) for each in others if isinstance(each, ast.Call))
        return 1 if expected else asserted + self._block(node.body)

    def _call(self, call: ast.Call) -> int:
        name, last = dotted(call), _last(call)
        if name in FAILS or last in ERRORS:
            return 1
        asserts = last.startswith(ASSERTS)
        if self._helpers is not None:
            asserts = asserts or last in self._helpers or last.startswith(PERHAPS) or _raises(call)
        return int(asserts and not self._about_error(call))

    def _about_error(self, node: ast.AST) -> bool:
        return any(isinstance(n, ast.Name) and n.id in self._errors for n in ast.walk(node))


def _outer_calls(node: ast.stmt) -> Iterator[ast.Call]:
    """Yield the calls of a statement whose result is not an argument of another call."""
    stack: list[ast.AST] = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, ast.Call):
            yield each
            stack.append(each.func)
        elif not isinstance(each, ast.Lambda):
            stack += ast.iter_child_nodes(each)


def _raises(call: ast.Call) -> bool:
    """Return whether a call raises on failure, such as `run(..., check=True)`."""
    checks = any(
        keyword.arg == "check" and getattr(keyword.value, "value", None) is True
        for keyword in call.keywords
    )
    return checks or _last(call) == "raise_for_status"


def _last(node: ast.AST) -> str:
    return dotted(node).rpartition(".")[2]


def _narrowed(test: ast.expr) -> set[str]:
    """Return the subjects of `x is not None`, `isinstance(x, T)`, or several of these."""
    match test:
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return {ast.dump(left)}
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, _]):
            return {ast.dump(subject)}
        case ast.BoolOp(op=ast.And(), values=values) if all(map(_narrowed, values)):
            return set().union(*map(_narrowed, values))
    return set()


def _count_parts(test: ast.expr) -> int:
    """Return the number of facts in one assertion: the parts that `and` joins."""
    match test:
        case ast.Tuple(elts=elements) if elements:
            return 0
        case ast.BoolOp(op=ast.And(), values=values):
            parts = [
                value
                for index, value in enumerate(values)
                if not _narrowed(value) and not _guards(value, values[index + 1 :])
            ]
            return max(1, sum(map(_count_parts, parts)))
        case ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp(op=ast.Or(), values=values)):
            return len(values)
    return 1


def _guards(value: ast.expr, later: list[ast.expr]) -> bool:
    """Return whether a part of `x and x.y == 1` only makes sure that there is something."""
    return isinstance(value, ast.Name | ast.Attribute) and any(
        ast.dump(value) == ast.dump(each) for part in later for each in ast.walk(part)
    )


def _prepares(node: ast.Assert, rest: list[ast.stmt]) -> bool:
    """Return whether an assertion only makes sure of the state before the code under test runs."""
    action = next((i for i, each in enumerate(rest) if not isinstance(each, ast.Assert)), len(rest))
    later = [each for each in rest[action + 1 :] if _asserts(each)]
    if not later or _is_definition(rest[action]):
        return False
    if node.msg is not None:
        return True
    subject = _subject(node.test)
    return any(
        isinstance(each, ast.Assert) and _subject(each.test) == subject
        for statement in later
        for each in ast.walk(statement)
    )


def _asserts(statement: ast.stmt) -> bool:
    return _expects_error(statement) or any(
        isinstance(each, ast.Assert) for each in ast.walk(statement)
    )


def _is_definition(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _subject(test: ast.expr) -> str:
    """Return what an assertion is about: `x` of `not x`, `x == 1` and `1 in x`."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _subject(operand)
        case ast.Compare(ops=[ast.In() | ast.NotIn()], left=left, comparators=[container]):
            return f"{ast.dump(left)} in {ast.dump(container)}"
        case ast.Compare(left=left):
            return ast.dump(left)
    return ast.dump(test)


def _expects_error(statement: ast.stmt) -> bool:
    """Return whether a statement is a `raises` or `warns` block."""
    return isinstance(statement, ast.With | ast.AsyncWith) and any(
        _last(item.context_expr) in ERRORS for item in statement.items
    )
