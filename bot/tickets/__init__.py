"""Filing tickets and their life cycle."""
