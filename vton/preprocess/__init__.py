"""Photo → maps."""
