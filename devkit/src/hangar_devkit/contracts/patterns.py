"""Text that matches a regular expression, from the expression's own parse tree."""

import re
from collections.abc import Callable
from random import Random
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from string import ascii_lowercase
from typing import Any

PRINTABLE = {chr(code) for code in range(32, 127)}
CLASSES = {
    op.CATEGORY_DIGIT: "0123456789",
    op.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
    op.CATEGORY_SPACE: " ",
}
NEGATED = {
    op.CATEGORY_NOT_DIGIT: op.CATEGORY_DIGIT,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
}
WIDEST = 500  # characters of a range that are used
ENDS = re.compile(r"\$|\\[bBzZ]")  # what may not match once more text follows
MORE = 8  # repetitions above the smallest number, where a pattern sets no limit
# What the engine of pydantic knows and `re` does not -> some of the same characters.
OTHER_SYNTAX = {
    r"\z": r"\Z",
    r"\p{L}": "[A-Za-z]",
    r"\p{Lu}": "[A-Z]",
    r"\p{Ll}": "[a-z]",
    r"\p{N}": "[0-9]",
    r"\p{Nd}": "[0-9]",
    "[:alpha:]": "A-Za-z",
    "[:alnum:]": "A-Za-z0-9",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:space:]": " ",
    "[:word:]": "A-Za-z0-9_",
    "[:xdigit:]": "0-9A-Fa-f",
}


def matching(pattern: str, random: Random, length: int = 0) -> str:
    """Return a text that the pattern matches.

    Args:
        pattern: A regular expression without look-around.
        random: The source of randomness.
        length: About how long the text should be at least.

    Returns:
        Printable ASCII, except where the pattern itself names other characters.

    Raises:
        ValueError: The pattern has a part for which no text can be generated.
    """
    groups: dict[int, str] = {}

    def sequence(parts: Any) -> str:  # noqa: ANN401 (the parse tree has no public types)
        return "".join(one(code, value) for code, value in parts)

    def repeated(value: Any) -> str:  # noqa: ANN401
        low, high, body = value
        high = low + max(MORE, 2 * length) if high is op.MAXREPEAT else high
        return "".join(sequence(body) for _ in range(random.randint(low, high)))

    def grouped(value: Any) -> str:  # noqa: ANN401
        groups[value[0]] = sequence(value[-1])
        return groups[value[0]]

    generators: dict[Any, Callable[[Any], str]] = {
        op.LITERAL: chr,
        op.MAX_REPEAT: repeated,
        op.MIN_REPEAT: repeated,
        op.POSSESSIVE_REPEAT: repeated,
        op.SUBPATTERN: grouped,
        op.GROUPREF: groups.__getitem__,
        op.BRANCH: lambda value: sequence(random.choice(value[1])),
        op.AT: lambda _: "",
    }

    def one(code: Any, value: Any) -> str:  # noqa: ANN401
        if code in generators:
            return generators[code](value)
        if code in CHOICES:
            return random.choice(sorted(CHOICES[code](value)))
        raise ValueError(f"no text can be generated for {pattern!r}: {code} is not supported")

    try:
        text = sequence(_parser.parse(_python_syntax(pattern)))
    except re.error as error:
        raise ValueError(f"no text can be generated for {pattern!r}: {error}") from error
    if ENDS.search(pattern):
        return text
    # It is searched for: more text may follow, without which some patterns have one text only.
    least = max(length - len(text), 0)
    return text + "".join(random.choices(ascii_lowercase, k=random.randint(least, least + 2)))


def _python_syntax(pattern: str) -> str:
    """Return a pattern of the engine of pydantic as one of `re`, as far as they have the same."""
    for other, python in OTHER_SYNTAX.items():
        start = pattern.find(other)
        while start >= 0:
            inside = pattern.count("[", 0, start) > pattern.count("]", 0, start)
            text = python.strip("[]") if inside else python
            pattern = pattern[:start] + text + pattern[start + len(other) :]
            start = pattern.find(other)
    return pattern


def _category(value: Any) -> set[str]:  # noqa: ANN401
    if value in NEGATED:
        return PRINTABLE - set(CLASSES[NEGATED[value]])
    return set(CLASSES[value])


def _range(value: Any) -> set[str]:  # noqa: ANN401
    first, last = value
    return {chr(code) for code in range(first, min(last, first + WIDEST) + 1)}


def _set(value: Any) -> set[str]:  # noqa: ANN401
    negated = value[0][0] is op.NEGATE
    named = set().union(*(CHOICES[code](inner) for code, inner in value[negated:]))
    return PRINTABLE - named if negated else named


CHOICES: dict[Any, Callable[[Any], set[str]]] = {
    op.LITERAL: lambda value: {chr(value)},
    op.NOT_LITERAL: lambda value: PRINTABLE - {chr(value)},
    op.ANY: lambda _: PRINTABLE,
    op.CATEGORY: _category,
    op.RANGE: _range,
    op.IN: _set,
}
