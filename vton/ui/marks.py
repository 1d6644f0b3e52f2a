"""Where a visitor clicked: kept for as long as the visit, and only with the picture it was meant for."""

from dataclasses import dataclass, replace

import gradio as gr

from vton.images import load_photo
from vton.preprocess.garment_clicks import Click


@dataclass(frozen=True)
class Marks:
    """Clicks on the two pictures of a visitor, each with the path of its picture.

    So clicks never count for another picture, whichever of the page's events comes first.

    at: (x, y) of the person to dress, as shares in [0, 1] of the upright photo's width and height.
    clicks: on the garment, in the order they were made.
    """

    person: str = ""
    at: tuple[float, float] | None = None
    garment: str = ""
    clicks: tuple[Click, ...] = ()

    def at_in(self, person: str) -> tuple[float, float] | None:
        """Whom to dress in this photo; None where nobody was chosen."""
        return self.at if person == self.person else None

    def clicks_on(self, garment: str) -> tuple[Click, ...]:
        """The clicks on this garment's picture."""
        return self.clicks if garment == self.garment else ()

    def choosing(self, person: str, at: tuple[float, float]) -> "Marks":
        return replace(self, person=person, at=at)

    def clicking(self, garment: str, clicks: tuple[Click, ...]) -> "Marks":
        return replace(self, garment=garment, clicks=clicks)


def place(event: gr.SelectData, path: str) -> tuple[float, float]:
    """Where an image of the page was clicked, as shares of its width and height.

    Args:
        event: of an image, its index being the pixel that was clicked.
        path: of the picture shown there.

    Raises:
        PictureError: the picture cannot be opened.
    """
    (x, y), (width, height) = event.index, load_photo(path).size
    return min(1.0, (x + 0.5) / width), min(1.0, (y + 0.5) / height)
