"""Error classes, flakiness and the queue: pure functions over rows of the store."""
