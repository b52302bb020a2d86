"""Contracts for functions: validate arguments and results at each call."""

import functools
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from typing import Any, ParamSpec, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError, validate_call

from .errors import EdgeError, explain, sentences, shorten

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
CONFIG = ConfigDict(strict=True, allow_inf_nan=False, arbitrary_types_allowed=True)
ASYNC_ITERATORS = {AsyncGenerator, AsyncIterable, AsyncIterator}


def checked(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Validate the arguments and the result of a function against their annotations.

    Args:
        function: Function with annotations for all arguments and the result. It may be async, or
            a generator, whose items are validated one by one.

    Returns:
        The function; a call that violates an annotation raises EdgeError and names the argument.
        An error that the function raises passes unchanged.
    """
    name, parameters = function.__qualname__, tuple(inspect.signature(function).parameters)

    @validate_call(config=CONFIG)
    @functools.wraps(function)
    def arguments(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return args, kwargs

    hints = functools.cache(lambda: get_type_hints(function, include_extras=True))
    result = functools.cache(lambda: _result(hints().get("return", Any), name))

    def call(*args: Any, **kwargs: Any) -> Any:
        with_types, named = _valid(lambda: arguments(*args, **kwargs), name, parameters)
        return function(*with_types, **named)

    @functools.wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        return result()(call(*args, **kwargs))

    @functools.wraps(function)
    async def awaited(*args: Any, **kwargs: Any) -> Any:
        return result()(await call(*args, **kwargs))

    return cast(Any, awaited if inspect.iscoroutinefunction(function) else plain)


def _result(annotation: Any, name: str) -> Callable[[Any], Any]:
    origin, options = get_origin(annotation), get_args(annotation)
    if origin in {Generator, Iterator, Iterable, *ASYNC_ITERATORS}:
        item = _result(options[0], name)
        wrap = _async_items if origin in ASYNC_ITERATORS else _items

        def checked_items(items: Any) -> Any:
            if not isinstance(items, origin):
                raise EdgeError(f"{name}: must return an {origin.__name__}, not {shorten(items)}")
            return wrap(items, item)

        return checked_items
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation, config=CONFIG)
    except PydanticUserError:  # a model brings its own configuration
        adapter = TypeAdapter(annotation)
    return lambda value: _valid(lambda: adapter.validate_python(value, strict=True), name)


def _valid(validate: Callable[[], Result], name: str, parameters: tuple[str, ...] = ()) -> Result:
    try:
        return validate()
    except ValidationError as error:
        names = {str(position): each for position, each in enumerate(parameters)}
        problems = [it._replace(column=names.get(it.column, it.column)) for it in explain(error)]
        raise EdgeError(f"{name}: {sentences(problems)}") from error


def _items(items: Any, check: Callable[[Any], Any]) -> Any:
    """Check each item of an iterator when it is asked for, and of a collection at once."""
    if isinstance(items, Generator):
        return _sent(items, check)
    if isinstance(items, Iterator):
        return map(check, items)
    for item in items:
        check(item)
    return items


def _sent(items: Generator[Any, Any, Any], check: Callable[[Any], Any]) -> Any:
    sent = None
    try:
        while True:
            sent = yield check(items.send(sent))
    except StopIteration as stop:
        return stop.value
    finally:
        items.close()


async def _async_items(items: AsyncIterator[Any], check: Callable[[Any], Any]) -> Any:
    async for item in items:
        yield check(item)
