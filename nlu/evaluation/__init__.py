"""How well a model reads: our own held-out phrases, and real messages where they are at hand."""
