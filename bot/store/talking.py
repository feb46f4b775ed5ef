"""What colleagues write to each other and keep while they work: notes, drafts, limits."""
