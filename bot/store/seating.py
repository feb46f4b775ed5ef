"""Routing: skills, shifts, groups and who was offered what."""
