"""Rasa graph components, thin wrappers around `nlu.reading` so that the export can do without Rasa."""
