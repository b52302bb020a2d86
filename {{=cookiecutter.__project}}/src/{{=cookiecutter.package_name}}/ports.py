"""Ports to external systems: each is an interface with one real implementation.

Tests replace the real implementation with a fake; both pass the same tests (`tests/test_ports.py`).
"""

from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol
from urllib.error import HTTPError
from urllib.request import urlopen

from pydantic import AwareDatetime, BaseModel


class Clock(Protocol):
    """Interface of a clock."""

    def now(self) -> AwareDatetime:
        """Return the current time, with a time zone."""


class Http(Protocol):
    """Interface of an HTTP client."""

    def get(self, url: str) -> bytes:
        """Return the body of a document; raise OSError if it cannot be fetched."""


class Store(Protocol):
    """Interface of a store for named documents."""

    def write(self, name: str, content: bytes) -> None:
        """Write a document; replace one of the same name."""

    def read(self, name: str) -> bytes:
        """Return a document; raise FileNotFoundError if it does not exist."""

    def names(self) -> list[str]:
        """Return all names, sorted."""


class Publisher(Protocol):
    """Interface of a publisher of messages to other programs."""

    def publish(self, topic: str, message: BaseModel) -> None:
        """Send a message to all subscribers of a topic."""


class SystemClock(Clock):
    """Clock of the operating system."""

    def now(self) -> AwareDatetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)


class WebHttp(Http):
    """HTTP client of the standard library."""

    def get(self, url: str) -> bytes:
        """Return the body of a document; raise OSError if it cannot be fetched."""
        if not url.startswith(("http://", "https://")):
            raise OSError(f"not an http(s) URL: {url}")
        try:
            with urlopen(url, timeout=30) as response:  # noqa: S310 (the scheme is checked above)
                content: bytes = response.read()
        except HTTPError as error:
            error.close()  # the error keeps the connection open
            raise OSError(f"{url}: {error.code} {error.reason}") from None
        except (HTTPException, ValueError) as error:  # not a URL, or not HTTP
            raise OSError(f"{url}: {error}") from None
        return content


class DirectoryStore(Store):
    """Store that keeps each document as a file in one directory."""

    def __init__(self, directory: Path) -> None:
        """Use this directory; it is created with the first document."""
        self._directory = directory

    def write(self, name: str, content: bytes) -> None:
        """Write a document; replace one of the same name."""
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._path(name)
        with NamedTemporaryFile(dir=self._directory, prefix=".", delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)  # so that no reader finds half a document

    def read(self, name: str) -> bytes:
        """Return a document; raise FileNotFoundError if it does not exist."""
        return self._path(name).read_bytes()

    def names(self) -> list[str]:
        """Return all names, sorted."""
        return sorted(path.name for path in self._directory.glob("[!.]*") if path.is_file())

    def _path(self, name: str) -> Path:
        return self._directory / plain_name(name)


def plain_name(name: str) -> str:
    """Return a name that stays in its directory; raise OSError for any other."""
    if not name or name.startswith(".") or set(name) & set("/\\:\0"):
        raise OSError(f"not a plain file name: {name}")
    return name


class OutboxPublisher(Publisher):
    """Publisher that appends messages to one file per topic, for another program to send."""

    def __init__(self, directory: Path) -> None:
        """Use this directory; it is created with the first message."""
        self._directory = directory

    def publish(self, topic: str, message: BaseModel) -> None:
        """Append a message to the file of the topic."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / plain_name(f"{topic}.jsonl")).open("a", encoding="utf-8") as file:
            print(message.model_dump_json(), file=file)
