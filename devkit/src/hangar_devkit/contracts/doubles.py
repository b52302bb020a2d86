"""Test doubles that cannot differ from the interface they replace."""

import inspect
from typing import Any, TypeVar, get_type_hints
from unittest.mock import NonCallableMagicMock, create_autospec

from pydantic import ConfigDict, PydanticUserError, TypeAdapter

Interface = TypeVar("Interface")


def double(interface: type[Interface], behaviour: object) -> Interface:
    """Return a double of an interface with the behaviour of a fake.

    The test fails on a call or an attribute that the interface does not have, on arguments that it
    does not take, and on a result that is not of the annotated type.

    Args:
        interface: A Protocol, an abstract class, or the real class.
        behaviour: An object with the methods that the test calls.

    Returns:
        A mock, which records its calls.
    """
    mock: NonCallableMagicMock = create_autospec(interface, instance=True, spec_set=True)
    for name, method in inspect.getmembers(interface, inspect.isfunction):
        if not name.startswith("_"):
            getattr(mock, name).side_effect = _side_effect(interface, name, method, behaviour)
    return mock


def _side_effect(interface: type, name: str, method: Any, behaviour: object) -> Any:  # noqa: ANN401
    annotation = get_type_hints(method, include_extras=True).get("return", Any)
    config = ConfigDict(strict=True, arbitrary_types_allowed=True)
    try:
        check = TypeAdapter(annotation, config=config)
    except PydanticUserError:  # a model brings its own configuration
        check = TypeAdapter(annotation)

    def side_effect(*args: object, **kwargs: object) -> object:
        result = getattr(behaviour, name)(*args, **kwargs)
        try:
            return check.validate_python(result, strict=True)
        except ValueError as error:
            raise TypeError(
                f"{interface.__name__}.{name} must return {annotation}, "
                f"but the double returned {result!r}"
            ) from error

    return side_effect
