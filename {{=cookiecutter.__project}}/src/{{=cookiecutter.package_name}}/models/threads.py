"""Limit linear algebra to one thread: the number of threads changes the last digits."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from threadpoolctl import threadpool_limits

_lock = Lock()
_active: list[threadpool_limits] = []


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS and OpenMP to one thread, in the whole process, while a context is active."""
    with _lock:
        _active.append(threadpool_limits(1) if not _active else _active[0])
    try:
        yield
    finally:
        with _lock:
            limit = _active.pop()
            if not _active:
                limit.restore_original_limits()
