"""Test doubles that cannot differ from the interface they replace."""

import contextlib
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
)
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import cached_property
from types import FunctionType, MemberDescriptorType, MethodType, NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Final,
    Generic,
    Protocol,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
)
from typing import get_type_hints as hints_of
from unittest.mock import create_autospec

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

Interface = TypeVar("Interface")
Check = Callable[[Any], Any]
ITERATORS = {Iterator, Iterable, Generator, AsyncIterator, AsyncIterable, AsyncGenerator}
# Special methods that make an object or a class; the double has its own.
NOT_DOUBLED = {
    *("__init__", "__new__", "__del__", "__post_init__", "__init_subclass__", "__subclasshook__"),
    *("__class_getitem__", "__repr__", "__reduce__", "__reduce_ex__", "__getstate__"),
    *("__setstate__", "__annotate__", "__annotate_func__", "__replace__"),
}
NOT_GUARDED = {
    "__getattr__",
    "__getattribute__",
    "__setattr__",
    "__delattr__",
    "__get__",
    "__set__",
}


def double(interface: type[Interface], behaviour: object) -> Interface:
    """Return a double of an interface with the behaviour of a fake.

    The test fails on a call or an attribute that the interface does not have, on arguments that it
    does not take, and on a value that is not of the annotated type: arguments, results, items of
    iterators, attributes. A fake that returns itself, as `__enter__` does, gives the double.

    Args:
        interface: A Protocol, an abstract class, or the real class.
        behaviour: An object with the methods and attributes that the test uses.

    Returns:
        An object whose methods are mocks, which record their calls.

    Raises:
        TypeError: A member of the interface cannot be guarded.
    """
    members = _members(interface)
    calls = {name: _unbound(member) for name, member in members.items() if _is_call(member)}
    values = members.keys() - calls.keys()
    mocks: dict[str, Any] = {}
    names: dict[str, Any] = {"__class__": property(lambda _: interface)}
    for name in values:
        names[name] = _attribute(interface, name, members[name], behaviour)
    for name in calls:
        if name.startswith("__"):
            names[name] = _special(mocks, name)

    def refuse(_: object, name: str, value: object) -> None:
        if name not in values:
            raise AttributeError(f"{interface.__name__} has no attribute {name!r} to set")
        names[name].__set__(guarded, value)

    guarded: Any = type(f"{interface.__name__}Double", (), names | {"__setattr__": refuse})()
    for name, function in calls.items():
        mock = create_autospec(MethodType(function, guarded))
        mock.side_effect = _side_effect(interface, name, function, behaviour, guarded)
        mocks[name] = mock
    guarded.__dict__.update({name: mocks[name] for name in calls if not name.startswith("__")})
    return guarded  # type: ignore[no-any-return]


def _members(interface: type) -> dict[str, Any]:
    """Return what an interface declares: methods, properties, annotated attributes."""
    found: dict[str, Any] = {}
    bases = [each for each in interface.__mro__ if each not in (object, Protocol, Generic)]
    for base in reversed(bases):
        if base.__module__ in ("abc", "typing"):
            continue
        found |= dict.fromkeys(inspect.get_annotations(base))
        found |= vars(base)
    public = {name: each for name, each in found.items() if not name.startswith("_")}
    special = {
        name: each
        for name, each in found.items()
        if name.startswith("__") and name not in NOT_DOUBLED and _is_call(each)
        if getattr(_unbound(each), "__module__", "typing") not in ("typing", "abc")
    }
    if refused := sorted(special.keys() & NOT_GUARDED):
        raise TypeError(f"{interface.__name__} cannot be guarded: it defines {', '.join(refused)}")
    return public | special


def _is_call(member: object) -> bool:
    return isinstance(member, FunctionType | classmethod | staticmethod)


def _unbound(member: Any) -> Any:  # noqa: ANN401
    """Return a function whose first parameter is the object."""
    if isinstance(member, staticmethod):
        function = member.__func__

        def static(_: object, /, *args: object, **kwargs: object) -> object:
            return function(*args, **kwargs)  # pragma: no cover (only its signature is used)

        own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        signature = inspect.signature(function)
        static.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[own, *signature.parameters.values()]
        )
        static.__dict__["original"] = function
        return static
    return member.__func__ if isinstance(member, classmethod) else member


def _special(mocks: dict[str, Any], name: str) -> Any:  # noqa: ANN401
    """Return a special method, which Python looks up in the class."""
    return lambda _, *args, **kwargs: mocks[name](*args, **kwargs)


def _attribute(interface: type, name: str, member: object, behaviour: object) -> property:
    """Return a property that checks an attribute of the fake."""
    place = f"{interface.__name__}.{name}"
    getter = member.fget if isinstance(member, property) else getattr(member, "func", None)
    if isinstance(member, property | cached_property):
        annotation = _hints(getter, place).get("return", Any)
    elif hasattr(type(member), "__get__") and not isinstance(member, MemberDescriptorType):
        raise TypeError(f"{place} cannot be guarded: it is a {type(member).__name__}")
    else:
        annotation = _hints(interface, place).get(name, Any)
    if get_origin(annotation) in (ClassVar, Final):
        annotation = get_args(annotation)[0]
    check = _result_check(annotation, place)
    read_only = isinstance(member, property) and member.fset is None

    def write(_: object, value: object) -> None:
        setattr(behaviour, name, check(value))

    return property(lambda _: check(getattr(behaviour, name)), None if read_only else write)


def _hints(owner: Any, place: str) -> dict[str, Any]:  # noqa: ANN401
    try:
        return hints_of(owner, include_extras=True)
    except (NameError, TypeError) as error:
        raise TypeError(f"{place} cannot be guarded: {error}") from error


def _side_effect(
    interface: type,
    name: str,
    function: Any,  # noqa: ANN401
    behaviour: object,
    guarded: object,
) -> Callable[..., Any]:
    place, original = f"{interface.__name__}.{name}", getattr(function, "original", function)
    hints = _hints(original, place)
    check_arguments = _arguments_check(
        inspect.signature(MethodType(function, guarded)), hints, place
    )
    returned = _returned(original, hints)
    own = {Self, interface}
    check = _result_check(Any if returned in own else returned, place)
    is_coroutine = inspect.iscoroutinefunction(original)

    def call(args: tuple[object, ...], kwargs: dict[str, object]) -> Any:  # noqa: ANN401
        check_arguments(args, kwargs)
        return getattr(behaviour, name)(*args, **kwargs)

    def finished(result: object) -> object:
        if result is behaviour:
            return guarded
        if returned in own and not _is_instance(result, interface):
            raise TypeError(f"{place} must return {interface.__name__}, not {result!r}")
        return check(result)

    def plain(*args: object, **kwargs: object) -> object:
        return finished(call(args, kwargs))

    async def awaited(*args: object, **kwargs: object) -> object:
        result = call(args, kwargs)
        if not inspect.isawaitable(result):
            raise TypeError(f"{place} is async, but the double returned {result!r} at once")
        return finished(await result)

    return awaited if is_coroutine else plain


def _returned(function: Any, hints: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return the annotation of a result; `@contextmanager` leaves that of its generator."""
    returned = hints.get("return", Any)
    if function.__code__.co_filename != contextlib.__file__ or not get_args(returned):
        return returned
    is_async = get_origin(returned) in (AsyncIterator, AsyncGenerator)
    manager = AbstractAsyncContextManager if is_async else AbstractContextManager
    return manager[get_args(returned)[0]]


def _arguments_check(
    signature: inspect.Signature, hints: dict[str, Any], place: str
) -> Callable[[tuple[object, ...], dict[str, object]], None]:
    parameters = signature.parameters
    checks = {
        name: _argument_check(hints[name], f"{place}({name})")
        for name in parameters
        if name in hints
    }

    def check(args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            for part in _parts(value, parameters[name]) if name in checks else ():
                checks[name](part)

    return check


def _parts(value: Any, parameter: inspect.Parameter) -> Iterable[object]:  # noqa: ANN401
    """Return the arguments that belong to a parameter: several for `*args` and `**kwargs`."""
    if parameter.kind is inspect.Parameter.VAR_KEYWORD:
        return value.values()  # type: ignore[no-any-return]
    return value if parameter.kind is inspect.Parameter.VAR_POSITIONAL else (value,)


def _is_instance(value: object, interface: Any) -> bool:  # noqa: ANN401
    """Return whether a value is of a class, or has the members of a Protocol."""
    if getattr(interface, "_is_protocol", False):
        return all(hasattr(value, name) for name in _members(interface))
    return isinstance(value, interface)


def _argument_check(annotation: Any, place: str) -> Check:  # noqa: ANN401
    """Return a function that raises TypeError if an argument is not of the annotated type."""
    if get_origin(annotation) in ITERATORS or annotation is Self:
        return lambda value: value  # to check the items would consume them
    return _type_check(annotation, place, "was called with")


def _result_check(annotation: Any, place: str) -> Check:  # noqa: ANN401
    """Return a function that checks a result, or returns one that checks itself when it is used."""
    origin, options = get_origin(annotation), get_args(annotation)
    if origin in ITERATORS:
        item = _result_check(options[0], f"an item of {place}")
        return lambda result: _checked_items(result, origin, item, place)
    if origin in (AbstractContextManager, AbstractAsyncContextManager):
        item = _result_check(options[0], place)
        return lambda result: _checked_context(result, origin, item, place)
    if origin in (Awaitable, Coroutine):
        item = _result_check(options[-1], place)
        return lambda result: _checked_await(result, item)
    rest = [each for each in options if each is not NoneType]
    if origin in (Union, UnionType) and len(rest) == 1:
        other = _result_check(rest[0], place)
        return lambda result: None if result is None else other(result)
    if getattr(annotation, "_is_protocol", False) and isinstance(annotation, type):
        return lambda result: double(annotation, result)
    return _type_check(annotation, place, "returned")


def _type_check(annotation: Any, place: str, verb: str) -> Check:  # noqa: ANN401
    if getattr(annotation, "_is_protocol", False) and isinstance(annotation, type):

        def check_members(value: object) -> object:
            if not _is_instance(value, annotation):
                raise TypeError(f"{place} must be {annotation}, but the double {verb} {value!r}")
            return value

        return check_members
    adapter = _adapter(annotation, place)

    def check(value: object) -> object:
        try:
            adapter.validate_python(value, strict=True)
        except ValidationError as error:
            if inspect.iscoroutine(value):
                value.close()  # else Python warns of it in the next test
            raise TypeError(
                f"{place} must be {annotation}, but the double {verb} {value!r}"
            ) from error
        return value

    return check


def _adapter(annotation: Any, place: str) -> TypeAdapter[Any]:  # noqa: ANN401
    try:
        return TypeAdapter(annotation, config=ConfigDict(strict=True, arbitrary_types_allowed=True))
    except PydanticUserError:  # a model brings its own configuration
        try:
            return TypeAdapter(annotation)
        except PydanticUserError as error:
            reason = str(error).partition("\n")[0]
            raise TypeError(f"{place} cannot be guarded: {reason}") from error


def _checked_items(result: Any, origin: Any, item: Check, place: str) -> Any:  # noqa: ANN401
    if origin in (AsyncIterator, AsyncIterable, AsyncGenerator):
        if not isinstance(result, AsyncIterable):
            raise TypeError(f"{place} must return an async iterator, not {result!r}")
        return _async_items(result, item)
    if not isinstance(result, origin):
        raise TypeError(f"{place} must return an {origin.__name__}, not {result!r}")
    if isinstance(result, Collection):
        for each in result:
            item(each)
        return result
    return _sent_items(result, item) if origin is Generator else map(item, result)


def _sent_items(result: Generator[Any, Any, Any], item: Check) -> Generator[Any, Any, Any]:
    sent = None
    try:
        while True:
            sent = yield item(result.send(sent))
    except StopIteration as stop:
        return stop.value
    finally:
        result.close()


async def _async_items(result: AsyncIterable[Any], item: Check) -> AsyncIterator[Any]:
    async for each in result:
        yield item(each)


def _checked_context(result: Any, origin: Any, item: Check, place: str) -> Any:  # noqa: ANN401
    if not isinstance(result, origin):
        raise TypeError(f"{place} must return a context manager, not {result!r}")
    is_async = origin is AbstractAsyncContextManager
    return _async_context(result, item) if is_async else _context(result, item)


@contextlib.contextmanager
def _context(result: AbstractContextManager[Any], item: Check) -> Iterator[Any]:
    with result as value:
        yield item(value)


@contextlib.asynccontextmanager
async def _async_context(
    result: AbstractAsyncContextManager[Any], item: Check
) -> AsyncIterator[Any]:
    async with result as value:
        yield item(value)


async def _checked_await(result: Awaitable[Any], item: Check) -> object:
    return item(await result)
