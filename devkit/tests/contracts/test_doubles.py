"""Test doubles: each of five differences from the interface is caught."""

from collections.abc import Callable
from typing import Any, Protocol

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
