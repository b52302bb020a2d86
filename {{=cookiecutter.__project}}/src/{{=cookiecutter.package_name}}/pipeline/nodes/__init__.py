"""The steps of the pipeline by stage, as plain functions."""
