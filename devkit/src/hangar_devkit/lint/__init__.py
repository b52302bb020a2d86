"""The test lint: one fact per test, mocks with a spec, no code written twice."""
