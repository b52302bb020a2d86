"""Contracts for functions: arguments and results are checked where they cross."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pydantic import ConfigDict, ValidationError, validate_call

from .errors import EdgeError, explain, sentences

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def checked(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Check a function's arguments and its result against their annotations.

    Args:
        function: What to guard, annotated throughout.

    Returns:
        The function; a call that breaks an annotation raises EdgeError with the place.
    """
    guarded = validate_call(
        config=ConfigDict(strict=True, allow_inf_nan=False, arbitrary_types_allowed=True),
        validate_return=True,
    )(function)

    @functools.wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return guarded(*args, **kwargs)
        except ValidationError as error:
            raise EdgeError(f"{function.__qualname__}: {sentences(explain(error))}") from error

    return call
