"""Collect readings: fetch, validate, store, publish."""

from pathlib import Path
from tempfile import TemporaryDirectory

from .edge import Load
from .ports import Clock, Http, Publisher, Store
from .schemas import Batch, Reading
from .utils import floor_time

WINDOW = 15  # minutes; a second collection in the same window gets a number


def collect(url: str, *, http: Http, clock: Clock, store: Store, publisher: Publisher) -> Batch:
    """Fetch a CSV file of readings and store it if every row is valid.

    Args:
        url: URL of the file.
        http: Client that fetches it.
        clock: Clock whose time names the batch.
        store: Store for the readings, as JSON Lines.
        publisher: Publisher that announces the batch on the topic `readings`.

    Returns:
        The message that was published.

    Raises:
        EdgeError: A row is invalid; nothing is stored.
        OSError: The file cannot be fetched, or the batch cannot be stored.
    """
    with TemporaryDirectory() as directory:
        file = Path(directory, "readings.csv")
        file.write_bytes(http.get(url))
        lines = [reading.model_dump_json() + "\n" for reading in Load(file, Reading)]
    now = clock.now()
    window, names = f"readings-{floor_time(now, WINDOW):%Y%m%dT%H%M}", store.names()
    numbered = (f"{window}-{number}.jsonl" for number in range(2, 1000))
    name = next(each for each in (f"{window}.jsonl", *numbered) if each not in names)
    store.write(name, "".join(lines).encode())
    batch = Batch(name=name, rows=len(lines), collected=now)
    publisher.publish("readings", batch)
    return batch
