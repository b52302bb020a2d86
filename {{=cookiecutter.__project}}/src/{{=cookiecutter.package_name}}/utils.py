"""Shared helpers: define a helper that two modules use here, once, and test it."""

from datetime import timedelta

from pydantic import AwareDatetime, PositiveInt

from .edge import checked


@checked
def floor_time(time: AwareDatetime, minutes: PositiveInt) -> AwareDatetime:
    """Round a time down to the start of its window.

    Args:
        time: A time with a time zone.
        minutes: Length of a window; the first window starts at midnight.

    Returns:
        The start of the window, in the same time zone.

    Raises:
        EdgeError: The time has no time zone, or the length is not positive.
    """
    midnight = time.replace(hour=0, minute=0, second=0, microsecond=0)
    window = timedelta(minutes=minutes)
    return (midnight + (time - midnight) // window * window).replace(fold=time.fold)
