"""Servers of a test: HTTP servers in this process, and waiting for those in another."""

import http.server
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(
    handler: Callable[..., http.server.BaseHTTPRequestHandler],
    context: ssl.SSLContext | None = None,
) -> Iterator[str]:
    """Serve on a free port of this machine in the block, by TLS if a context is given.

    Yields:
        The address.
    """
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def is_listening(port: int) -> bool:
    """Return whether a process listens on a local port."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], bool], timeout: float = 120) -> None:
    """Wait until a condition is true; fail after a timeout."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.05)
