"""Shared helpers: a helper that two modules need is defined here, once, and tested."""

from datetime import timedelta

from pydantic import AwareDatetime, PositiveInt

from .edge import checked


@checked
def floor_time(time: AwareDatetime, minutes: PositiveInt) -> AwareDatetime:
    """Round a time down to the start of its window.

    Args:
        time: Any time with a zone.
        minutes: The length of a window; windows are counted from midnight.

    Returns:
        The start of the window, in the same zone.

    Raises:
        EdgeError: The time has no zone, or the length is not positive.
    """
    midnight = time.replace(hour=0, minute=0, second=0, microsecond=0)
    window = timedelta(minutes=minutes)
    return midnight + (time - midnight) // window * window
