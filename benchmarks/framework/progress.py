"""Show what is being measured: one live line on a terminal, else a line now and then."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

REFRESH = 1.0  # seconds between two updates of the live line
LOG_INTERVAL = 15.0  # seconds between two lines in a log
WIDTH = 100


class Progress:
    """The current step of a benchmark, and when the benchmark started."""

    def __init__(self) -> None:
        self.text = ""
        self.start = self.logged = time.monotonic()

    def step(self, text: str) -> None:
        """Show the step that begins now."""
        self.text = text
        now = time.monotonic()
        if sys.stdout.isatty():
            self._draw()
        elif now - self.logged >= LOG_INTERVAL:
            self.logged = now
            print(f"  {now - self.start:.0f} s: {text}", flush=True)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Keep the line of a benchmark up to date, and clear it at the end."""
        self.text, self.start, self.logged = "", time.monotonic(), time.monotonic()
        if not sys.stdout.isatty():
            yield
            return
        done = Event()
        ticker = Thread(target=self._tick, args=(done,), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            done.set()
            ticker.join()
            print("\r\033[K", end="", flush=True)

    def _tick(self, done: Event) -> None:
        while not done.wait(REFRESH):
            self._draw()

    def _draw(self) -> None:
        seconds = f"  {time.monotonic() - self.start:.0f} s: "
        print(f"\r\033[K{seconds}{self.text[: WIDTH - len(seconds)]}", end="", flush=True)


PROGRESS = Progress()
step = PROGRESS.step
shown = PROGRESS.shown
