"""Reproducible measurements, each against a named peer in the same run. Nothing here is a test."""
