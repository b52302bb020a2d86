"""The contract of each seam: the double and the real one pass the same tests."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from fixtures.world import Messages, Pages
from pydantic import BaseModel

from {{= cookiecutter.package_name }} import seams


class News(BaseModel):
    """A message."""

    text: str


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a web server on this machine, with one page."""
    (tmp_path / "page").write_bytes(b"text")
    handler = partial(QuietHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        Thread(target=web.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


class TestClock:
    @pytest.fixture(params=["double", "real"])
    def any_clock(self, request: pytest.FixtureRequest, clock: seams.Clock) -> seams.Clock:
        return clock if request.param == "double" else seams.SystemClock()

    def test_time_is_told(self, any_clock: seams.Clock, noon: datetime) -> None:
        assert any_clock.now() == noon


class TestHttp:
    @pytest.fixture(params=["double", "real"])
    def any_http(
        self, request: pytest.FixtureRequest, server: str, http: seams.Http, pages: Pages
    ) -> seams.Http:
        pages.pages[f"{server}/page"] = b"text"
        return http if request.param == "double" else seams.WebHttp()

    def test_page_is_fetched(self, any_http: seams.Http, server: str) -> None:
        assert any_http.get(f"{server}/page") == b"text"

    def test_missing_page_is_an_error(self, any_http: seams.Http, server: str) -> None:
        with pytest.raises(OSError, match=r"none|404"):
            any_http.get(f"{server}/none")


class TestStore:
    @pytest.fixture(params=["double", "real"])
    def any_store(
        self, request: pytest.FixtureRequest, tmp_path: Path, store: seams.Store
    ) -> seams.Store:
        return store if request.param == "double" else seams.DirectoryStore(tmp_path / "store")

    def test_new_store_is_empty(self, any_store: seams.Store) -> None:
        assert any_store.names() == []

    def test_what_is_written_can_be_read(self, any_store: seams.Store) -> None:
        any_store.write("a", b"1")
        assert any_store.read("a") == b"1"

    def test_last_write_counts(self, any_store: seams.Store) -> None:
        any_store.write("a", b"first")
        any_store.write("a", b"last")
        assert any_store.read("a") == b"last"

    def test_names_are_sorted(self, any_store: seams.Store) -> None:
        for name in ("b", "a"):
            any_store.write(name, b"")
        assert any_store.names() == ["a", "b"]

    def test_missing_document_is_an_error(self, any_store: seams.Store) -> None:
        with pytest.raises(FileNotFoundError):
            any_store.read("a")


@pytest.mark.parametrize("kind", ["double", "real"])
def test_message_arrives(
    kind: str, tmp_path: Path, publisher: seams.Publisher, messages: Messages
) -> None:
    news = News(text="Ready.")
    if kind == "real":
        publisher = seams.OutboxPublisher(tmp_path)
    publisher.publish("topic", news)
    arrived = (
        [News.model_validate_json((tmp_path / "topic.jsonl").read_text(encoding="utf-8"))]
        if kind == "real"
        else [message for _, message in messages.sent]
    )
    assert arrived == [news]
