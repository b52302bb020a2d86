"""Doubles that cannot disagree with the interface they stand for."""

import inspect
from typing import Any, TypeVar, get_type_hints
from unittest.mock import NonCallableMagicMock, create_autospec

from pydantic import ConfigDict, PydanticUserError, TypeAdapter

Interface = TypeVar("Interface")


def double(interface: type[Interface], behaviour: object) -> Interface:
    """Put behaviour behind an interface.

    A call that the interface does not know, with arguments that it does not take, or that returns
    what it does not promise, fails the test; so does an attribute that it does not have.

    Args:
        interface: A Protocol, an abstract class, or the real class.
        behaviour: An object with (some of) the same methods. A method it lacks must not be called.

    Returns:
        A double that records its calls, as every mock does.
    """
    made: NonCallableMagicMock = create_autospec(interface, instance=True, spec_set=True)
    for name, method in inspect.getmembers(interface, inspect.isfunction):
        if not name.startswith("_"):
            getattr(made, name).side_effect = _answer(interface, name, method, behaviour)
    return made


def _answer(interface: type, name: str, method: Any, behaviour: object) -> Any:  # noqa: ANN401
    promised = get_type_hints(method, include_extras=True).get("return", Any)
    config = ConfigDict(strict=True, arbitrary_types_allowed=True)
    try:
        check = TypeAdapter(promised, config=config)
    except PydanticUserError:  # a model brings its own configuration
        check = TypeAdapter(promised)

    def answer(*args: object, **kwargs: object) -> object:
        result = getattr(behaviour, name)(*args, **kwargs)
        try:
            return check.validate_python(result, strict=True)
        except ValueError as error:
            place = f"{interface.__name__}.{name}"
            raise TypeError(f"{place} promises {promised}, the double gave {result!r}") from error

    return answer
