"""The steps of the pipeline, by stage: plain functions, each with what it needs as arguments."""
