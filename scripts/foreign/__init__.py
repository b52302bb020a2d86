"""Prove each capability on public projects that know nothing of the template."""
