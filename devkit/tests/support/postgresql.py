"""A real PostgreSQL, from Debian's packages, that a test starts and stops."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .ports import free_port

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
MISSING = "no PostgreSQL server: apt-get install postgresql"


class Database:
    """A server of its own, with an empty database; it can be stopped for a while.

    Attributes:
        address: Of the database, without its scheme.
    """

    def __init__(self, place: Path, user: str) -> None:
        """Make it in a directory that its user can reach, and start it."""
        as_user: list[str] = []
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(place, "postgres")
            as_user = ["runuser", "-u", "postgres", "--"]
        data, port, bin_ = place / "data", free_port(), SERVERS[-1]
        subprocess.run(
            [*as_user, bin_ / "initdb", "-D", data, "-A", "trust", "-U", user],
            check=True,
            capture_output=True,
            cwd="/",
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place}"
        control = [*as_user, bin_ / "pg_ctl", "-D", data, "-w"]
        self._control = [*map(str, control), "-o", options, "-l", str(place / "log")]
        self.address = f"{user}@127.0.0.1:{port}/postgres"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        # Its output would keep a pipe open for as long as the server lives.
        command = [*self._control, "start"]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        """Stop it, whoever is connected."""
        subprocess.run(
            [*self._control, "-m", "fast", "stop"], check=True, capture_output=True, cwd="/"
        )

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Be stopped for as long as the block takes."""
        self.stop()
        try:
            yield
        finally:
            self.start()


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True, cwd="/")


@contextmanager
def database(user: str) -> Iterator[Database]:
    """Give an empty database of a user, until the block ends."""
    # Not under pytest's directories: the server's user must reach it.
    place = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    place.chmod(0o777)
    made = Database(place, user)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(place)
