"""Collecting, with a double at every seam."""

from contextlib import suppress
from pathlib import Path

import pytest
from fixtures.world import Messages, Pages

from {{= cookiecutter.package_name }}.collect import collect
from {{= cookiecutter.package_name }}.edge import EdgeError
from {{= cookiecutter.package_name }}.schemas import Batch
from {{= cookiecutter.package_name }}.seams import Clock, Http, Publisher, Store

URL = "https://example.com/readings.csv"
NAME = "readings-20260105T1200.jsonl"


@pytest.fixture
def batch(
    sample: Path, pages: Pages, http: Http, store: Store, clock: Clock, publisher: Publisher
) -> Batch:
    """The sample, collected at noon."""
    pages.pages[URL] = sample.read_bytes()
    return collect(URL, http=http, clock=clock, store=store, publisher=publisher)


def test_batch_counts_rows(batch: Batch) -> None:
    assert batch.rows == 288


@pytest.mark.usefixtures("batch")
def test_readings_are_kept_under_the_time(store: Store) -> None:
    assert store.names() == [NAME]


def test_every_reading_is_kept(batch: Batch, store: Store) -> None:
    assert store.read(batch.name).count(b"\n") == batch.rows


def test_batch_is_announced(batch: Batch, messages: Messages) -> None:
    assert messages.sent == [("readings", batch)]


def test_bad_file_is_not_kept(
    pages: Pages, http: Http, store: Store, clock: Clock, publisher: Publisher
) -> None:
    pages.pages[URL] = b"time,source\n"
    with suppress(EdgeError):
        collect(URL, http=http, clock=clock, store=store, publisher=publisher)
    assert store.names() == []
