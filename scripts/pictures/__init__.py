"""Make the pictures of the README: `python -m scripts.pictures.first_day`, `… .docs_page`."""
