"""How a top ends: as it comes, over the trousers or skirt, or tucked into them when its visitor says so."""

from dataclasses import replace

from vton.labels import BOTTOM_LABELS, Parse, among
from vton.methods.compact_inputs import complete_keypoints
from vton.methods.remember import remembered
from vton.methods.sleeves import shoulder_width
from vton.types import CANVAS_WIDTH, Garment, Person

LEAST_BOTTOM = 0.05
"""How much of trousers or skirt a photo must show for a top to be tucked into them, in squared shoulder widths."""

UNABLE = "{} cannot be told to tuck a top in, so it is worn as it comes: choose HR-VITON, with our own weights."
NOTHING_THERE = (
    "Your photo shows too little of your trousers or skirt to tuck the top into, so it hangs out: try a photo that "
    "shows you down to the knees."
)


def with_hem(
    garment: Garment, tucked: bool, person: Person, title: str, tucks: bool
) -> tuple[Garment, tuple[str, ...]]:
    """The garment as it can be worn, and in words why that is not as it was wished.

    Args:
        garment: as prepared.
        tucked: whether it is wished within trousers or skirt.
        person: who is to wear it.
        title, tucks: how the method is called, and whether it can tuck a top in.
    """
    if not tucked:
        return garment, ()
    if not tucks:
        return garment, (UNABLE.format(title),)
    if not _shows_a_bottom(person):
        return garment, (NOTHING_THERE,)
    return _tucked_in(garment), ()


@remembered
def _tucked_in(garment: Garment) -> Garment:
    """The same one each time, so that what is remembered of it serves again."""
    return replace(garment, tucked=True)


def _shows_a_bottom(person: Person) -> bool:
    unit = max(shoulder_width(complete_keypoints(person.keypoints)[:, :2]), 0.1 * CANVAS_WIDTH)
    return bool(among(person.parse, (*BOTTOM_LABELS, Parse.DRESS)).sum() > LEAST_BOTTOM * unit**2)
