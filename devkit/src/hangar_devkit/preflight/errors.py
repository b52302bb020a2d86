"""The errors of the preflight."""

from __future__ import annotations


class DeclarationError(Exception):
    """The declaration is invalid; ``problems`` holds one line for each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UncheckedError(Exception):
    """Something could not be determined; the text gives the reason."""
