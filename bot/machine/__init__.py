"""What a machine needs before the house can run: environments, pages, database, model, processes."""
