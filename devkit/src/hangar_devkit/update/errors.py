"""The exception that stops an update."""

import re

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s'\"]*@")


class UpdateError(Exception):
    """Raised with a message that names what happened, where, and what to do.

    Credentials in the addresses that it names are left out.
    """

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))


def redact(text: str) -> str:
    """Return a text without the user name and the password in each address."""
    return _CREDENTIALS.sub("***@", text)
