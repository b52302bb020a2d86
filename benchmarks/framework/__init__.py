"""What the benchmarks share: timing, figures and their reports, peers, the command's output."""
