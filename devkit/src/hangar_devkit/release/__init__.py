"""Releases of a project: build and test what is shipped, then tag it."""
