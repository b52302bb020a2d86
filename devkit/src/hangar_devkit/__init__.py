"""The development environment of the project: preflight, contracts, history, docs, updates."""
