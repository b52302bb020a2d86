"""What an assertion without a message was about: the values that it compared.

pytest explains the assertions of test modules. Those of helpers and of the code say nothing, so
that two causes look alike, and the user sees `AssertionError` alone.
"""

from __future__ import annotations

import os.path
import re
import reprlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*")
_LEAD = 20
_LENGTH = 200
_LONGEST = 20_000
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _LONGEST


def compared(statement: str, names: Mapping[str, object]) -> str:
    """Return the values of the names in an assertion, from shortly before they differ.

    Args:
        statement: The line of source that failed.
        names: The local variables there.

    Returns:
        Such as `expected = [1, 2], found = [1, 3]`; "" when the line asserts nothing about them.
    """
    if not statement.startswith("assert"):
        return ""
    found = [name for name in dict.fromkeys(_NAME.findall(statement)) if name in names]
    shown = [_REPR.repr(names[name]) for name in found]
    same = len(os.path.commonprefix(shown)) if len(shown) > 1 else 0  # noqa: RUF071 - text, no paths
    start = same - _LEAD if same > 2 * _LEAD else 0
    return ", ".join(
        f"{name} = {'...' if start else ''}{text[start : start + _LENGTH]}"
        for name, text in zip(found, shown, strict=True)
    )
