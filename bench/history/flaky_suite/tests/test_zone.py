"""Time: these fail in some time zones."""

import time
from datetime import datetime

from shop import hours


def test_founding():
    assert hours.opened().hour == 1


def test_stamp():
    assert hours.stamp(0) == "1970-01-01 00:00"


def test_year():
    assert datetime.fromtimestamp(31_535_999).year == 1970


def test_noon():
    assert time.localtime(43_200).tm_hour == 12
