"""Readings: time-stamped measurements from named sources, checked before they are used."""
