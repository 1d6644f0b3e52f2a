"""How a top ends: as it comes, over the trousers or skirt, or tucked into them when its visitor says so."""

from dataclasses import replace

from vton.labels import BOTTOM_LABELS, Parse, among
from vton.methods.compact_inputs import complete_keypoints
from vton.methods.sleeves import shoulder_width
from vton.types import CANVAS_WIDTH, Garment, Person

LEAST_BOTTOM = 0.05
"""How much of trousers or skirt a photo must show for a top to be tucked into them, in squared shoulder widths."""

UNABLE = "{} cannot be told to tuck a top in, so it is worn as it comes: choose HR-VITON, with our own weights."
NOTHING_THERE = (
    "Your photo shows too little of your trousers or skirt to tuck the top into, so it hangs out: try a photo that "
    "shows you down to the knees."
)


def hem_of(person: Person, garment: Garment, title: str, tucks: bool) -> tuple[Garment, tuple[str, ...]]:
    """The garment as it can be worn, and in words why that is not as it was wished.

    Args:
        person: who is to wear it.
        garment: tucked if so wished.
        title, tucks: how the method is called, and whether it can tuck a top in.
    """
    if not garment.tucked:
        return garment, ()
    if not tucks:
        return replace(garment, tucked=False), (UNABLE.format(title),)
    if not _shows_a_bottom(person):
        return replace(garment, tucked=False), (NOTHING_THERE,)
    return garment, ()


def _shows_a_bottom(person: Person) -> bool:
    unit = max(shoulder_width(complete_keypoints(person.keypoints)[:, :2]), 0.1 * CANVAS_WIDTH)
    return bool(among(person.parse, (*BOTTOM_LABELS, Parse.DRESS)).sum() > LEAST_BOTTOM * unit**2)
