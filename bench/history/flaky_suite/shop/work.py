"""What is done beside the main thread. `surroundings` is how busy the machine is."""

import asyncio
import queue
import threading
import time

import surroundings


def send(outbox: list[str]) -> threading.Thread:
    """Send a mail in the background."""

    def deliver() -> None:
        time.sleep(surroundings.delay())
        outbox.append("mail")

    thread = threading.Thread(target=deliver)
    thread.start()
    return thread


class Stock:
    """Goods, counted without a lock."""

    count = 0

    def add(self) -> None:
        """Add one."""
        before = self.count
        time.sleep(surroundings.delay())
        self.count = before + 1


def jobs() -> "queue.Queue[str]":
    """Return a queue that soon holds a job."""
    found: queue.Queue[str] = queue.Queue()

    def feed() -> None:
        time.sleep(surroundings.delay())
        found.put("job")

    threading.Thread(target=feed).start()
    return found


async def answer() -> str:
    """Answer after a while."""
    await asyncio.sleep(surroundings.delay())
    return "yes"
