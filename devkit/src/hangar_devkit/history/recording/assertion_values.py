"""The values that an assertion without a message compared.

pytest explains the assertions of test modules. One in a helper or in the code shows
`AssertionError` alone, so that failures with different causes look the same.
"""

import os.path
import re
import reprlib
from collections.abc import Mapping

_NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*")
_CONTEXT = 20
_MAX_SHOWN = 200
_MAX_REPR = 20_000
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _MAX_REPR


def compared_values(statement: str, names: Mapping[str, object]) -> str:
    """Return the values of the names in an assertion, from shortly before they differ.

    Args:
        statement: The line of source that failed.
        names: The local variables of its frame.

    Returns:
        Text such as `expected = [1, 2], found = [1, 3]`; "" when the line is no assertion about
        local variables.
    """
    if not statement.startswith("assert"):
        return ""
    used = [name for name in dict.fromkeys(_NAME.findall(statement)) if name in names]
    texts = [_REPR.repr(names[name]) for name in used]
    same = len(os.path.commonprefix(texts)) if len(texts) > 1 else 0  # noqa: RUF071 - text, no paths
    start = same - _CONTEXT if same > 2 * _CONTEXT else 0
    return ", ".join(
        f"{name} = {'...' if start else ''}{text[start : start + _MAX_SHOWN]}"
        for name, text in zip(used, texts, strict=True)
    )
