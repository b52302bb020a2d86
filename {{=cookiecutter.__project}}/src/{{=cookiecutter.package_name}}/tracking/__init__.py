"""Track runs and models in the configured store; no run is lost if the store is unreachable.

The template owns this package.
"""
