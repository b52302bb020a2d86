"""Pages of this repository that nobody writes: those of its site, and those a project begins with."""
