"""Pages that nobody writes: those of this site, and those that a project begins with."""
