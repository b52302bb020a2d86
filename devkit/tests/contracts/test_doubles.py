"""Test doubles: each difference from the interface is caught, and no behaviour is replaced."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partialmethod
from typing import Any, Protocol, Self

import pytest

from hangar_devkit.contracts.doubles import double


class Store(Protocol):
    def read(self, name: str) -> bytes: ...

    def names(self) -> list[str]: ...


class Behaviour:
    def read(self, name: str) -> bytes:
        return name.encode()

    def names(self) -> Any:
        return ("a", "b")


class Old:
    def read(self) -> bytes:
        return b""


def set_unknown(store: Any) -> None:
    store.path = "x"


DIFFERENCES: dict[str, tuple[Callable[[Any], object], type[Exception]]] = {
    "unknown method": (lambda store: store.delete("a"), AttributeError),
    "wrong arity": (lambda store: store.read("a", "b"), TypeError),
    "wrong keyword": (lambda store: store.read(key="a"), TypeError),
    "unknown attribute": (set_unknown, AttributeError),
    "wrong argument": (lambda store: store.read(b"a"), TypeError),
    "wrong return value": (lambda store: store.names(), TypeError),
}


@pytest.mark.parametrize(("use", "error"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_difference_is_caught(use: Callable[[Any], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        use(double(Store, Behaviour()))


def test_right_use_passes() -> None:
    assert double(Store, Behaviour()).read("a") == b"a"


def test_behaviour_of_an_old_interface_is_caught() -> None:
    with pytest.raises(TypeError):
        double(Store, Old()).read("a")


def test_calls_are_recorded() -> None:
    store: Any = double(Store, Behaviour())
    store.read("a")
    assert store.read.call_count == 1


class Session(Protocol):
    name: str

    @property
    def size(self) -> int: ...

    @classmethod
    def version(cls) -> int: ...

    @staticmethod
    def parse(text: str) -> int: ...

    def __call__(self, n: int) -> int: ...

    def __len__(self) -> int: ...

    def __getitem__(self, key: str) -> int: ...

    def __iter__(self) -> Iterator[int]: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *args: object) -> None: ...

    def items(self) -> Iterator[int]: ...

    def total(self) -> Generator[int, int, str]: ...

    def store(self) -> Store | None: ...

    @contextmanager
    def opened(self) -> Iterator[int]:
        yield 0

    async def get(self, n: int) -> int: ...

    def stream(self) -> AsyncIterator[int]: ...


class FakeSession:
    """A fake that answers with `value` wherever an integer is expected."""

    def __init__(self, value: Any = 3) -> None:
        self.value = self.size = value
        self.name: Any = "a" if value == 3 else value

    def version(self) -> Any:
        return self.value

    def parse(self, _: str) -> Any:
        return self.value

    def __call__(self, _: int) -> Any:
        return self.value

    def __len__(self) -> int:
        return 3

    def __getitem__(self, _: str) -> Any:
        return self.value

    def __iter__(self) -> Iterator[Any]:
        yield self.value

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""

    def items(self) -> Any:
        return iter([self.value])

    def total(self) -> Any:
        got = yield self.value
        return f"{got}"

    def store(self) -> Any:
        return Behaviour()

    @contextmanager
    def opened(self) -> Iterator[Any]:
        yield self.value

    async def get(self, _: int) -> Any:
        return self.value

    async def stream(self) -> AsyncIterator[Any]:
        yield self.value


async def last(items: AsyncIterator[int]) -> int:
    return [each async for each in items][-1]


def entered(session: Session) -> int:
    with session as inner:
        return inner(1)


def opened(session: Session) -> int:
    with session.opened() as value:
        return value


USES: dict[str, Callable[[Session], Any]] = {
    "property": lambda session: session.size,
    "class method": lambda session: session.version(),
    "static method": lambda session: session.parse("1"),
    "call": lambda session: session(1),
    "item": lambda session: session["a"],
    "iteration": lambda session: next(iter(session)),
    "entered": entered,
    "iterator": lambda session: next(session.items()),
    "generator": lambda session: next(session.total()),
    "context manager": opened,
    "async method": lambda session: asyncio.run(session.get(1)),
    "async iterator": lambda session: asyncio.run(last(session.stream())),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_behaviour_is_used(use: Callable[[Session], Any]) -> None:
    assert use(double(Session, FakeSession())) == 3


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_value_of_another_type_is_caught(use: Callable[[Session], Any]) -> None:
    with pytest.raises(TypeError, match="must be <class 'int'>"):
        use(double(Session, FakeSession("3")))


def test_length_is_that_of_the_fake() -> None:
    assert len(double(Session, FakeSession())) == 3


def test_attribute_is_read() -> None:
    assert double(Session, FakeSession()).name == "a"


def test_attribute_of_another_type_is_caught() -> None:
    with pytest.raises(TypeError, match=r"Session\.name must be"):
        double(Session, FakeSession()).name = 4  # type: ignore[assignment]


def test_result_that_is_a_protocol_is_a_double_too() -> None:
    store = double(Session, FakeSession()).store()
    with pytest.raises(TypeError, match=r"Store\.names must be"):
        store.names()  # type: ignore[union-attr]


def test_value_of_a_generator_is_returned() -> None:
    total = double(Session, FakeSession()).total()
    next(total)
    with pytest.raises(StopIteration, match="5"):
        total.send(5)


def test_async_argument_is_checked() -> None:
    with pytest.raises(TypeError, match=r"Session\.get\(n\) must be"):
        asyncio.run(double(Session, FakeSession()).get("1"))  # type: ignore[arg-type]


def test_plain_method_for_an_async_one_is_caught() -> None:
    class Plain(FakeSession):
        def get(self, _: int) -> Any:
            return 1

    with pytest.raises(TypeError, match="is async"):
        asyncio.run(double(Session, Plain()).get(1))


def test_async_method_for_a_plain_one_is_caught() -> None:
    class Async(Behaviour):
        async def read(self, name: str) -> bytes:  # type: ignore[override]
            return name.encode()

    with pytest.raises(TypeError, match="must be <class 'bytes'>"):
        double(Store, Async()).read("a")


def test_async_calls_are_recorded() -> None:
    session: Any = double(Session, FakeSession())
    asyncio.run(session.get(1))
    assert session.get.await_count == 1


class Magic(Protocol):
    def __getattr__(self, name: str) -> int: ...


class Partial:
    def add(self, n: int) -> int:
        return n

    add_one = partialmethod(add, 1)


class Unknown(Protocol):
    def get(self) -> "Missing": ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize("interface", [Magic, Partial, Unknown, dict])
def test_what_cannot_be_guarded_is_refused(interface: Any) -> None:
    with pytest.raises(TypeError, match="cannot be guarded"):
        double(interface, object())
