"""The house: the only package that knows everything. See `docs/developers.md` for the map."""
