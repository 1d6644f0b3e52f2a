"""Fit Me Up: virtual try-on. A photo of a person and one of a garment in, the person wearing it out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vton.pipeline import TryOnPipeline

__all__ = ["TryOnPipeline", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str):
    """`from vton import TryOnPipeline` without making every import of a part load all of it."""
    if name == "TryOnPipeline":
        from vton.pipeline import TryOnPipeline

        return TryOnPipeline
    raise AttributeError(f"module 'vton' has no attribute {name!r}")
