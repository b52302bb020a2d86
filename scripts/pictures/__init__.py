"""The pictures of the README and the site, from real runs: `python -m scripts.pictures`."""
