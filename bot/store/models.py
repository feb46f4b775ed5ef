"""Trainings, candidates and what is in service."""
