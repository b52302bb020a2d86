"""Data contracts: exported schemas, compatibility, derived test data, mutation."""
