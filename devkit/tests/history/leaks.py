"""Made-up secrets for the rules of a secret scanner, betterleaks, and what it finds in a text."""

import json
import random
import subprocess
import tomllib
from importlib import import_module
from typing import Any

# The parts of a parsed pattern have no public name.
sre: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

_REPEATS = 3
"""How often a part is repeated that may be repeated any number of times."""


def rules() -> dict[str, str]:
    """Return the pattern of each rule of the scanner, by name."""
    text = subprocess.run(
        ["betterleaks", "config", "show", "toml"], capture_output=True, text=True, check=True
    ).stdout
    return {rule["id"]: rule["regex"] for rule in tomllib.loads(text)["rules"] if "regex" in rule}


def sample(pattern: str, seed: int) -> str:
    """Return a text that matches a pattern in the syntax of Go.

    Raises:
        re.error: Python cannot read the pattern.
    """
    text = pattern.replace("\\z", "\\Z").replace("[:alnum:]", "A-Za-z0-9")
    flag, text = ("(?i)", text.replace("(?i)", "")) if "(?i)" in text else ("", text)
    return _Sampler(seed).text(parser.parse(flag + text))


class _Sampler:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def text(self, parts: Any) -> str:
        return "".join(self._part(operation, argument) for operation, argument in parts)

    def _part(self, operation: Any, argument: Any) -> str:  # noqa: PLR0911 - one for each type
        if operation is sre.LITERAL:
            return chr(argument)
        if operation is sre.ANY:
            return "x"
        if operation is sre.NOT_LITERAL:
            return "x" if argument != ord("x") else "y"
        if operation is sre.IN:
            return self._one_of(argument)
        if operation in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
            low, high, item = argument
            times = low if low or operation is sre.MIN_REPEAT else min(int(high), _REPEATS) // 2
            return "".join(self.text(item) for _ in range(times))
        if operation is sre.SUBPATTERN:
            return self.text(argument[-1])
        if operation is sre.BRANCH:
            return self.text(self._random.choice(argument[1]))
        return ""  # an anchor or an assertion

    def _one_of(self, choices: Any) -> str:
        letters = [chr(code) for code in range(33, 127)]
        if choices[0][0] is sre.NEGATE:
            excluded = {c for choice in choices[1:] for c in self._letters(*choice)}
            left = [c for c in letters if c not in excluded]
            return self._random.choice([c for c in left if c.isalnum()] or left or [" "])
        return self._random.choice([c for choice in choices for c in self._letters(*choice)])

    def _letters(self, operation: Any, argument: Any) -> list[str]:
        if operation is sre.LITERAL:
            return [chr(argument)]
        if operation is sre.RANGE:
            return [chr(code) for code in range(argument[0], argument[1] + 1)]
        types = {
            sre.CATEGORY_DIGIT: "0123456789",
            sre.CATEGORY_WORD: "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789",
            sre.CATEGORY_SPACE: " ",
            sre.CATEGORY_NOT_SPACE: "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789",
        }
        return list(types.get(argument, "x"))


def findings(text: str) -> list[dict[str, Any]]:
    """Return what the scanner finds in a text."""
    done = subprocess.run(
        ["betterleaks", "stdin", "--jsonl", "--exit-code=0", "--no-banner"],
        input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [line["finding"] for line in lines if "finding" in line]
