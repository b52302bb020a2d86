"""Tests of the test history."""
