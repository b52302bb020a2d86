"""Say what is being measured now: on a terminal in one line that lives, else a line a step."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

EVERY = 1.0  # seconds between two looks of the line that lives
QUIET = 15.0  # seconds between two lines in a log
WIDTH = 100


class Progress:
    """What a part is doing, and since when."""

    def __init__(self) -> None:
        self.text = ""
        self.start = self.told = time.monotonic()

    def step(self, text: str) -> None:
        """Say what begins now."""
        self.text = text
        now = time.monotonic()
        if sys.stdout.isatty():
            self._draw()
        elif now - self.told >= QUIET:
            self.told = now
            print(f"  {now - self.start:.0f} s: {text}", flush=True)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Count the seconds of a part; keep its line alive, and take it away at the end."""
        self.text, self.start, self.told = "", time.monotonic(), time.monotonic()
        if not sys.stdout.isatty():
            yield
            return
        over = Event()
        ticker = Thread(target=self._tick, args=(over,), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            over.set()
            ticker.join()
            print("\r\033[K", end="", flush=True)

    def _tick(self, over: Event) -> None:
        while not over.wait(EVERY):
            self._draw()

    def _draw(self) -> None:
        seconds = f"  {time.monotonic() - self.start:.0f} s: "
        print(f"\r\033[K{seconds}{self.text[: WIDTH - len(seconds)]}", end="", flush=True)


PROGRESS = Progress()
step = PROGRESS.step
shown = PROGRESS.shown
