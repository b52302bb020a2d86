"""Programs that a benchmark runs in another process, and data that it records first."""
