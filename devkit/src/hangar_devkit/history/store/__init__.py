"""The store: a journal for each session, and the SQLite file that ingests them."""
