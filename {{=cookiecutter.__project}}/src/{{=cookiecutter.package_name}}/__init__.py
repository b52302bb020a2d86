"""Readings: time-stamped measurements from named sources, validated before they are used."""
