"""The training pipeline: declared in `conf/`, run by Kedro, tracked by MLflow.

Yours: `parameters.py`, `pipeline_registry.py` and `nodes/`. The template owns the rest.
"""

import os

# Disable the telemetry of Kedro and MLflow. MLflow accepts only the word `true`.
os.environ["DO_NOT_TRACK"] = "true"
os.environ["KEDRO_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
