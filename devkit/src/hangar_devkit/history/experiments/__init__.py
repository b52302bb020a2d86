"""Experiments: run tests again under one changed condition, and see what decides the outcome."""
