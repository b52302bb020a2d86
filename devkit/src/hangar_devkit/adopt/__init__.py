"""Bring an existing project under the template: guess the answers, add what is missing."""
