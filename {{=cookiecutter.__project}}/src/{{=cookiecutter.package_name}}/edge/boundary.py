"""Contracts for functions: validate arguments and results at each call."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pydantic import ConfigDict, ValidationError, validate_call

from .errors import EdgeError, explain, sentences

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def checked(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Validate the arguments and the result of a function against their annotations.

    Args:
        function: Function with annotations for all arguments and the result.

    Returns:
        The function; a call that violates an annotation raises EdgeError and names the argument.
    """
    validated = validate_call(
        config=ConfigDict(strict=True, allow_inf_nan=False, arbitrary_types_allowed=True),
        validate_return=True,
    )(function)

    @functools.wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return validated(*args, **kwargs)
        except ValidationError as error:
            raise EdgeError(f"{function.__qualname__}: {sentences(explain(error))}") from error

    return call
