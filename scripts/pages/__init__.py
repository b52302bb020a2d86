"""Generated pages: those of this site, and those of a new project."""
