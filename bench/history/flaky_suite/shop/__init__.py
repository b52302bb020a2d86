"""A shop with the faults that make tests flaky."""
