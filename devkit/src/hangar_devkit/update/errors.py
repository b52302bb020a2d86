"""The exception that stops an update."""


class UpdateError(Exception):
    """Raised with a message that names what happened, where, and what to do."""
