"""Architecture decision records in MADR 4 format: new, supersede, lint, index."""
