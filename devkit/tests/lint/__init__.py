"""Tests of the test lint."""
