"""Where the program meets the world: each seam is an interface with one real implementation.

Tests put a double in place of the real one; both pass the same tests (`tests/test_seams.py`).
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError
from urllib.request import urlopen

from pydantic import AwareDatetime, BaseModel


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> AwareDatetime:
        """Return the present time, with its zone."""


class Http(Protocol):
    """Fetches documents."""

    def get(self, url: str) -> bytes:
        """Return a document; raise OSError when there is none."""


class Store(Protocol):
    """Keeps documents under names."""

    def write(self, name: str, content: bytes) -> None:
        """Keep a document, in place of one of the same name."""

    def read(self, name: str) -> bytes:
        """Return a document; raise FileNotFoundError when there is none."""

    def names(self) -> list[str]:
        """List all names, sorted."""


class Publisher(Protocol):
    """Tells other programs."""

    def publish(self, topic: str, message: BaseModel) -> None:
        """Send a message to all who listen to a topic."""


class SystemClock(Clock):
    """The machine's clock."""

    def now(self) -> AwareDatetime:
        """Return the present time in UTC."""
        return datetime.now(UTC)


class WebHttp(Http):
    """Documents of the web."""

    def get(self, url: str) -> bytes:
        """Return a document; raise OSError when there is none."""
        if not url.startswith(("http://", "https://")):
            raise OSError(f"not an http address: {url}")
        try:
            with urlopen(url, timeout=30) as answer:  # noqa: S310 (the scheme is checked above)
                content: bytes = answer.read()
        except HTTPError as error:
            error.close()  # it holds the connection
            raise OSError(f"{url}: {error.code} {error.reason}") from None
        return content


class DirectoryStore(Store):
    """Documents as files of one directory."""

    def __init__(self, directory: Path) -> None:
        """Keep documents in this directory, which is made when it is needed."""
        self._directory = directory

    def write(self, name: str, content: bytes) -> None:
        """Keep a document, in place of one of the same name."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._path(name).write_bytes(content)

    def read(self, name: str) -> bytes:
        """Return a document; raise FileNotFoundError when there is none."""
        return self._path(name).read_bytes()

    def names(self) -> list[str]:
        """List all names, sorted."""
        return sorted(path.name for path in self._directory.glob("*"))

    def _path(self, name: str) -> Path:
        if Path(name).name != name:
            raise OSError(f"not a plain name: {name}")
        return self._directory / name


class OutboxPublisher(Publisher):
    """Messages as lines of a file, one for each topic, for another program to send."""

    def __init__(self, directory: Path) -> None:
        """Write to files in this directory, which is made when it is needed."""
        self._directory = directory

    def publish(self, topic: str, message: BaseModel) -> None:
        """Add a message to the topic's file."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / f"{topic}.jsonl").open("a", encoding="utf-8") as file:
            print(message.model_dump_json(), file=file)
