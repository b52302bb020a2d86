"""One thread for linear algebra, since the number of threads shows in the last digits."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from threadpoolctl import threadpool_limits

_lock = Lock()
_inside: list[threadpool_limits] = []


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS and OpenMP while anyone is inside; the limit counts for the whole process."""
    with _lock:
        _inside.append(threadpool_limits(1) if not _inside else _inside[0])
    try:
        yield
    finally:
        with _lock:
            limit = _inside.pop()
            if not _inside:
                limit.restore_original_limits()
