"""Collecting readings: fetch, check, keep, tell."""

from pathlib import Path
from tempfile import TemporaryDirectory

from .edge import Load
from .schemas import Batch, Reading
from .seams import Clock, Http, Publisher, Store
from .utils import floor_time

WINDOW = 15  # minutes; what is collected twice in a window is kept once


def collect(url: str, *, http: Http, clock: Clock, store: Store, publisher: Publisher) -> Batch:
    """Fetch a CSV file of readings and keep it, if every row is good.

    Args:
        url: Where the file is.
        http: Fetches it.
        clock: Names the batch by the time.
        store: Keeps the readings, as JSON Lines.
        publisher: Is told about the batch, on the topic `readings`.

    Returns:
        What was announced.

    Raises:
        EdgeError: A row is bad; nothing is kept.
        OSError: The file cannot be fetched, or the batch not be kept.
    """
    with TemporaryDirectory() as directory:
        file = Path(directory, "readings.csv")
        file.write_bytes(http.get(url))
        lines = [reading.model_dump_json() + "\n" for reading in Load(file, Reading)]
    now = clock.now()
    name = f"readings-{floor_time(now, WINDOW):%Y%m%dT%H%M}.jsonl"
    store.write(name, "".join(lines).encode())
    batch = Batch(name=name, rows=len(lines), collected=now)
    publisher.publish("readings", batch)
    return batch
