"""Tests of devkit."""
