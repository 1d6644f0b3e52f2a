"""Person and Garment → Composition, one file per method."""
