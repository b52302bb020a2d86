"""What depends on the clock."""

from datetime import date, datetime


def is_open() -> bool:
    """Tell whether the shop is open: not at night."""
    return 6 <= datetime.now().hour < 22


def same_day_dispatch() -> bool:
    """Tell whether an order of now leaves today."""
    return datetime.now().hour < 21


def works_today() -> bool:
    """Tell whether somebody packs today."""
    return date.today().weekday() < 5


def in_a_month() -> date:
    """Return the same day of February, which some months outlast."""
    return date.today().replace(month=2, year=2027)


def opened() -> datetime:
    """Return when the shop was founded, on the clock on this machine's wall."""
    return datetime.fromtimestamp(1_000_000_000)


def stamp(seconds: int) -> str:
    """Return a moment as text."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
