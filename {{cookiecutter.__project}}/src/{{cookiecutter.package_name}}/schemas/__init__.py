"""The data contracts: what may enter, stated once."""

from .reading import Reading

__all__ = ["Reading"]
