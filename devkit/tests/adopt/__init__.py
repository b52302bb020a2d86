"""Tests of `hangar adopt` that need no template."""
