"""Handing a conversation to a person and taking it back."""
