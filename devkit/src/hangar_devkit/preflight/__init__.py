"""Check this machine against the declaration of a project, and suggest fixes."""
