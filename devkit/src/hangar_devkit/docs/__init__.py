"""Documentation: generated pages, and the MkDocs plugin that builds them into the site."""
