"""Rendered people: bodies, garments and scenes that become a dataset in the VITON-HD layout."""
