"""What depends on chance."""

import random
import secrets

TAGS = {"new", "sale", "green", "local"}


def tags() -> list[str]:
    """Return the tags of the goods."""
    return list(TAGS)


def label(words: set[str]) -> str:
    """Return a label made of words."""
    return ", ".join(words)


def discount() -> float:
    """Draw a discount."""
    return random.random()


def winners(count: int) -> list[int]:
    """Draw customers."""
    return [random.randrange(12) for _ in range(count)]


def estimate() -> float:
    """Estimate the mean of what customers spend, from a few of them."""
    return sum(random.gauss(10, 2) for _ in range(9)) / 9


def voucher() -> str:
    """Return a new code."""
    return secrets.token_hex(4)
