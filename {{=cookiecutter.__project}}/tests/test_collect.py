"""Tests of `collect`, with a fake at every port."""

from contextlib import suppress
from pathlib import Path

import pytest
from fixtures.fakes import FakeHttp, MemoryPublisher

from {{= cookiecutter.package_name }}.collect import collect
from {{= cookiecutter.package_name }}.edge import EdgeError
from {{= cookiecutter.package_name }}.ports import Clock, Http, Publisher, Store
from {{= cookiecutter.package_name }}.schemas import Batch

URL = "https://example.com/readings.csv"
NAME = "readings-20260105T1200.jsonl"


@pytest.fixture
def batch(
    sample: Path,
    fake_http: FakeHttp,
    http: Http,
    store: Store,
    clock: Clock,
    publisher: Publisher,
) -> Batch:
    """The sample, collected at noon."""
    fake_http.pages[URL] = sample.read_bytes()
    return collect(URL, http=http, clock=clock, store=store, publisher=publisher)


def test_batch_counts_rows(batch: Batch) -> None:
    assert batch.rows == 288


@pytest.mark.usefixtures("batch")
def test_name_has_the_time(store: Store) -> None:
    assert store.names() == [NAME]


def test_second_batch_of_a_window_gets_a_number(
    batch: Batch, http: Http, store: Store, clock: Clock, publisher: Publisher
) -> None:
    collect(URL, http=http, clock=clock, store=store, publisher=publisher)
    assert store.names() == ["readings-20260105T1200-2.jsonl", batch.name]


def test_every_reading_is_stored(batch: Batch, store: Store) -> None:
    assert store.read(batch.name).count(b"\n") == batch.rows


def test_batch_is_published(batch: Batch, fake_publisher: MemoryPublisher) -> None:
    assert fake_publisher.sent == [("readings", batch)]


def test_invalid_file_is_not_stored(
    fake_http: FakeHttp, http: Http, store: Store, clock: Clock, publisher: Publisher
) -> None:
    fake_http.pages[URL] = b"time,source\n"
    with suppress(EdgeError):
        collect(URL, http=http, clock=clock, store=store, publisher=publisher)
    assert store.names() == []
