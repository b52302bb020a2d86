"""Tests of every port, run on the real implementation and on the fake."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from fixtures.fakes import FakeHttp, MemoryPublisher
from pydantic import BaseModel

from {{= cookiecutter.package_name }} import ports


class Message(BaseModel):
    """A message."""

    text: str


class QuietHandler(SimpleHTTPRequestHandler):
    """Request handler without log output."""

    def log_message(self, *_: object) -> None:
        """Discard log messages."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The URL of a local web server with one page."""
    (tmp_path / "page").write_bytes(b"text")
    handler = partial(QuietHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        Thread(target=web.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


class TestClock:
    @pytest.fixture(params=["fake", "real"])
    def any_clock(self, request: pytest.FixtureRequest, clock: ports.Clock) -> ports.Clock:
        return clock if request.param == "fake" else ports.SystemClock()

    def test_time_is_current(self, any_clock: ports.Clock, noon: datetime) -> None:
        assert any_clock.now() == noon


class TestHttp:
    @pytest.fixture(params=["fake", "real"])
    def any_http(
        self, request: pytest.FixtureRequest, server: str, http: ports.Http, fake_http: FakeHttp
    ) -> ports.Http:
        fake_http.pages[f"{server}/page"] = b"text"
        return http if request.param == "fake" else ports.WebHttp()

    def test_page_is_fetched(self, any_http: ports.Http, server: str) -> None:
        assert any_http.get(f"{server}/page") == b"text"

    def test_missing_page_is_an_error(self, any_http: ports.Http, server: str) -> None:
        with pytest.raises(OSError, match=r"none|404"):
            any_http.get(f"{server}/none")


class TestStore:
    @pytest.fixture(params=["fake", "real"])
    def any_store(
        self, request: pytest.FixtureRequest, tmp_path: Path, store: ports.Store
    ) -> ports.Store:
        return store if request.param == "fake" else ports.DirectoryStore(tmp_path / "store")

    def test_new_store_is_empty(self, any_store: ports.Store) -> None:
        assert any_store.names() == []

    def test_written_document_can_be_read(self, any_store: ports.Store) -> None:
        any_store.write("a", b"1")
        assert any_store.read("a") == b"1"

    def test_last_write_wins(self, any_store: ports.Store) -> None:
        any_store.write("a", b"first")
        any_store.write("a", b"last")
        assert any_store.read("a") == b"last"

    def test_names_are_sorted(self, any_store: ports.Store) -> None:
        for name in ("b", "a"):
            any_store.write(name, b"")
        assert any_store.names() == ["a", "b"]

    def test_missing_document_is_an_error(self, any_store: ports.Store) -> None:
        with pytest.raises(FileNotFoundError):
            any_store.read("a")


READY = Message(text="Ready.")


class TestPublisher:
    def test_fake_keeps_the_message(
        self, publisher: ports.Publisher, fake_publisher: MemoryPublisher
    ) -> None:
        publisher.publish("topic", READY)
        assert fake_publisher.sent == [("topic", READY)]

    def test_outbox_has_the_message(self, tmp_path: Path) -> None:
        ports.OutboxPublisher(tmp_path).publish("topic", READY)
        line = (tmp_path / "topic.jsonl").read_text(encoding="utf-8")
        assert Message.model_validate_json(line) == READY
