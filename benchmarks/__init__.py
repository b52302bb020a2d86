"""Benchmarks of the template and of hangar-devkit: one module for each subject."""
