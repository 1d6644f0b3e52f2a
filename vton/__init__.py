"""Fit Me Up: virtual try-on. A photo of a person and one of a garment in, the person wearing it out."""
