"""Servers and ports that tests of devkit and of the template share."""
