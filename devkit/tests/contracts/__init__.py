"""Tests of the contracts machinery."""
