"""Stand-ins for the providers: they check what the real ones check, refuse as the real ones refuse, and show
what a citizen would see. For tests and for trying the house without accounts; they import nothing of it."""
