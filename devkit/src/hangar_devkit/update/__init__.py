"""Inherit updates from the template: state -> releases -> rendering -> merge -> land -> report."""
