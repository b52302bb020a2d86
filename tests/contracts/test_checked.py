"""`@checked`: every function is checked at its call, and only its caller is blamed."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel


class Point(BaseModel):
    x: int


def value(bad: bool) -> Any:
    return "a" if bad else 1


class Functions:
    """One function of each type; `bad` makes it give text for an integer."""

    def plain(self, bad: bool) -> int:
        return value(bad)  # type: ignore[no-any-return]

    def of_class(self, bad: bool) -> int:
        return value(bad)  # type: ignore[no-any-return]

    async def awaited(self, bad: bool) -> int:
        return value(bad)  # type: ignore[no-any-return]

    def items(self, bad: bool) -> Iterator[int]:
        yield value(bad)

    def iterated(self, bad: bool) -> Iterator[int]:
        return iter([value(bad)])

    def listed(self, bad: bool) -> Iterable[int]:
        return [value(bad)]

    def sent(self, bad: bool) -> Generator[int, int, int]:
        return (yield value(bad)) + 1

    async def stream(self, bad: bool) -> AsyncIterator[int]:
        yield value(bad)

    def inner(self) -> int:
        return Point.model_validate({"x": "a"}).x

    def not_items(self) -> Iterator[int]:
        return 1  # type: ignore[return-value]


@pytest.fixture(scope="module")
def functions(edge: Any) -> Any:
    """The functions, checked."""
    plain = {name: each for name, each in vars(Functions).items() if inspect.isfunction(each)}
    methods: dict[str, Any] = {name: edge.checked(each) for name, each in plain.items()}
    methods["of_class"] = classmethod(methods["of_class"])
    return type("Checked", (), methods)()


async def last(items: AsyncIterator[int]) -> int:
    return [each async for each in items][-1]


USES: dict[str, Callable[[Any, Any], Any]] = {
    "async function": lambda functions, bad: asyncio.run(functions.awaited(bad)),
    "iterator": lambda functions, bad: next(functions.items(bad)),
    "list iterator": lambda functions, bad: next(functions.iterated(bad)),
    "list": lambda functions, bad: functions.listed(bad)[0],
    "generator": lambda functions, bad: next(functions.sent(bad)),
    "async iterator": lambda functions, bad: asyncio.run(last(functions.stream(bad))),
    "method": lambda functions, bad: functions.plain(bad),
    "class method": lambda functions, bad: functions.of_class(bad),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_valid_result_passes(functions: Any, use: Callable[[Any, Any], Any]) -> None:
    assert use(functions, False) == 1


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_invalid_result_is_an_edge_error(
    edge: Any, functions: Any, use: Callable[[Any, Any], Any]
) -> None:
    with pytest.raises(edge.EdgeError, match="must be a valid integer"):
        use(functions, True)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_invalid_argument_is_an_edge_error(
    edge: Any, functions: Any, use: Callable[[Any, Any], Any]
) -> None:
    with pytest.raises(edge.EdgeError, match="bad must be a valid boolean"):
        use(functions, "yes")


def test_error_inside_the_function_is_its_own(functions: Any) -> None:
    with pytest.raises(ValueError, match="validation error for Point"):
        functions.inner()


def test_result_that_is_no_iterator_is_explained(edge: Any, functions: Any) -> None:
    with pytest.raises(edge.EdgeError, match="must return an Iterator, not 1"):
        functions.not_items()


def test_async_function_stays_one(functions: Any) -> None:
    assert inspect.iscoroutinefunction(functions.awaited)


def test_generator_receives_what_is_sent(functions: Any) -> None:
    sent = functions.sent(False)
    next(sent)
    with pytest.raises(StopIteration, match="6"):
        sent.send(5)
