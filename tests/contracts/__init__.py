"""The contracts of a rendered project."""
