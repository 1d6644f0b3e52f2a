"""Where a try-on changes the photo, as a target parse tells it before anything is generated."""

import cv2
import numpy as np

from vton.images import box_around
from vton.labels import Region, among
from vton.methods.compact_inputs import compact_regions, complete_keypoints
from vton.methods.compose import BORDER_MARGINS, COVER_EDGE, MARGIN_SHARE, SKIN, UPPER_EDGE
from vton.methods.layers import square, surroundings
from vton.methods.sleeves import shoulder_width
from vton.methods.worn import front_mask, parse_beside
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Edit, Person

MARGIN = MARGIN_SHARE * CANVAS_HEIGHT
RIM, RIM_EDGE = 14, 3
"""Width of skin beside the new garment that goes where the target parse has backdrop, and of its edge; in pixels."""
STAIRS = 2.0
"""Over how many pixels the garment's border is evened: that of a target parse of fewer pixels has steps."""
ROUND_OFF = 0.12
"""How far in from its edges new skin turns away from the viewer, in shoulder widths: half an arm."""


def edit_by_target(person: Person, target: np.ndarray, warped_mask: np.ndarray) -> Edit:
    """The edit of a method that predicts a parse.

    Args:
        person: whose photo it is.
        target: float32 (13, h, w) in [0, 1], probabilities of `Region` on the whole canvas, the neck as NOISE.
        warped_mask: float32 (1024, 768) in [0, 1], the garment's coverage before occlusion.
    """
    size = (CANVAS_WIDTH, CANVAS_HEIGHT)
    upper = cv2.GaussianBlur(cv2.resize(target[Region.UPPER], size, interpolation=cv2.INTER_LINEAR), (0, 0), STAIRS)
    bare = cv2.resize(target[list(SKIN)].sum(0), size, interpolation=cv2.INTER_LINEAR) > 0.5
    behind = 1 - front_mask(person)
    before = compact_regions(parse_beside(person, target))
    top, skin = top_and_skin(before)
    visible = smoothstep(upper, *UPPER_EDGE) * smoothstep(warped_mask, *COVER_EDGE) * behind
    covered = (upper > 0.5).view(np.uint8)
    backdrop = cv2.resize(target[Region.BACKGROUND], size, interpolation=cv2.INTER_LINEAR) > 0.5
    # A line of shoulder or arm that looks out beside the garment, and its own soft edge.
    rim = cv2.dilate(skin & cv2.dilate(covered, square(RIM)) & backdrop, square(RIM_EDGE)) & backdrop
    gone = np.maximum(cv2.dilate(top, square(round(MARGIN))), (skin & covered) | rim)
    # Where a sleeve ended, its shadow and its colour lie on the skin.
    beside = cv2.dilate(top * bare, square(round(BORDER_MARGINS * MARGIN))) * skin
    repaint = np.maximum(softened(gone), softened(np.maximum(gone, beside), 2) * skin) * behind
    round_off = ROUND_OFF * shoulder_width(complete_keypoints(person.keypoints)[:, :2])
    return Edit(visible, repaint, surroundings(person.image, before, target, repaint, round_off))


def top_and_skin(regions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the old garment is, and where skin is that it left bare; uint8 (h, w) `Region` → uint8 in {0, 1}."""
    return (regions == Region.UPPER).view(np.uint8), among(regions, SKIN).view(np.uint8)


def softened(mask: np.ndarray, margins: float = 1) -> np.ndarray:
    """uint8 (1024, 768) in {0, 1} → float32 with a border so many margins wide."""
    size = 2 * round(margins * MARGIN / 2) + 1
    soft = np.zeros(mask.shape, np.float32)
    around = box_around(mask, size)
    part = mask[around].astype(np.float32)
    if part.size:
        for _ in range(2):
            part = cv2.blur(part, (size, size), borderType=cv2.BORDER_REPLICATE)
        soft[around] = part
    return soft


def smoothstep(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high`, a cubic without kinks between; float32 of any shape."""
    ramp = np.clip((values - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    return ramp * ramp * (3 - 2 * ramp)
