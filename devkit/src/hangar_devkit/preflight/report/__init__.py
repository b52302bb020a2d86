"""Reports of one run: for people, for programs, for GitHub, and for an issue."""
