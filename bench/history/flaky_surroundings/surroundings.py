"""The machine around a run, as a pytest plugin: its clock, its load, its order of tests.

It lies outside the project, as machines do: nothing of it is part of a test's content.
"""

import fcntl
import os
import random
import resource
import socket
from pathlib import Path

import pytest
import time_machine

PICK = random.Random(os.environ["SURROUNDINGS_SEED"])
BUSY = 0.15
HELD: list[object] = []


def delay() -> float:
    """Return how long a thread waits for its turn, in seconds; on a busy machine long."""
    return 0.2 if PICK.random() < BUSY else 0.0


def pytest_configure() -> None:
    """Set the clock, and take what other programs may have taken."""
    time_machine.travel(float(os.environ["SURROUNDINGS_NOW"]), tick=True).start()
    for port, taken in ((47311, PICK.random() < BUSY), (47312, PICK.random() >= BUSY)):
        if taken:
            server = socket.socket()
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", port))
            server.listen()
            HELD.append(server)
    if PICK.random() < BUSY:
        handle = os.open(os.environ["SHOP_LOCK"], os.O_CREAT | os.O_RDWR)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if PICK.random() < BUSY:
        most = len(list(Path("/proc/self/fd").iterdir())) + 50
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Shuffle the tests, where the run is one of those."""
    if os.environ.get("SURROUNDINGS_SHUFFLE"):
        PICK.shuffle(items)
