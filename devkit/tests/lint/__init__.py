"""Tests of the lint of tests."""
